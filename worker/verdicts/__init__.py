"""Is a run what it claims to be? Verdicts on runs and on tests, each with its evidence and advice.

`answer`, `clocks` and `memory` judge a run, `series` and `machine` a test. Every threshold stands beside its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from common.catalogue.test_type import Point
from common.records.verdicts import VerdictRecord


class Severity(StrEnum):
    REJECTS = "rejects"  # the run does not count and is drawn again
    FLAGS = "flags"  # the run counts, and its reader is told


@dataclass(frozen=True)
class Verdict:
    """`evidence` holds the numbers that led to it, in the units of the API, `point` where in the test that was; empty
    is the test as a whole.
    """

    name: str
    severity: Severity
    evidence: Mapping[str, Any]
    advice: str
    point: Point = field(default_factory=dict)

    def at(self, point: Point) -> Self:
        return replace(self, point=point)

    def record(self) -> VerdictRecord:
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
    """`name value, name value`, for a person to read, without what is unknown."""
    return ", ".join(f"{name} {_said(value)}" for name, value in evidence.items() if value is not None)


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return _listed(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
