"""Verdicts on runs and tests: whether a run is what it claims to be, with evidence.

`answer`, `clocks` and `memory` evaluate a run, `counts`, `series`, `software` and `machine` a test.
`common/catalogue/verdicts` has the sentence and the advice of each verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from common.catalogue.test_type import Point
from common.catalogue.verdicts.verdict_type import Severity, VerdictType
from common.records.verdicts import VerdictRecord

__all__ = ["Severity", "Verdict"]


@dataclass(frozen=True)
class Verdict:
    """A verdict that applies. `evidence` has the numbers behind it, in the units that its declaration gives.

    `point` is where in the test it applies; empty is the test as a whole.
    """

    name: str
    severity: Severity
    evidence: Mapping[str, Any]
    advice: str
    point: Point = field(default_factory=dict)

    @classmethod
    def of(cls, declared: VerdictType, evidence: Mapping[str, Any]) -> Self:
        """Return the declared verdict with its evidence.

        Raises:
            ValueError: if the evidence has other fields than the declaration.
        """
        if evidence.keys() != declared.evidence.keys():
            raise ValueError(f"the evidence of {declared.name} is {', '.join(declared.evidence)}, not {evidence}")
        return cls(declared.name, declared.severity, evidence, declared.advice)

    @classmethod
    def parse(cls, stored: VerdictRecord) -> Self:
        """Return the verdict that `record` returned."""
        return cls(stored["name"], Severity(stored["severity"]), stored["evidence"], stored["advice"], stored["point"])

    def at(self, point: Point) -> Self:
        return replace(self, point=point)

    def record(self) -> VerdictRecord:
        """Return the verdict as it is stored."""
        return VerdictRecord(
            name=self.name,
            severity=self.severity.value,
            evidence=dict(self.evidence),
            advice=self.advice,
            point=self.point,
        )

    def __str__(self) -> str:
        where = f" at {_listed(self.point)}" if self.point else ""
        return f"{self.name}{where} ({_listed(self.evidence)}): {self.advice}"


def _listed(evidence: Mapping[str, Any]) -> str:
    """Return `name value, name value`, without unknown values."""
    return ", ".join(f"{name} {_formatted(value)}" for name, value in evidence.items() if value is not None)


def _formatted(value: object) -> str:
    if isinstance(value, Mapping):
        return _listed(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
