"""Verdicts on a page: what each says in a sentence, its evidence in words, and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from api.web.pages.formatting import point_text
from api.web.pages.measured_test import MeasuredTest
from api.web.pages.session.evidence import evidence_text
from common.catalogue.verdicts import VERDICTS
from common.records.verdicts import VerdictRecord


class TestVerdicts(NamedTuple):
    """The verdicts on one test of a model, which may have failed. `headline` is its headline metric."""

    model: str
    headline: str
    found: Sequence[VerdictRecord]


@dataclass(frozen=True)
class Place:
    """Where a verdict applies, with its `evidence` in words. `runs` are those that it is about, or empty."""

    model: str
    point: str
    runs: str
    evidence: str


@dataclass(frozen=True)
class ShownVerdict:
    """One verdict with one advice, at all its places in a test type."""

    name: str
    severity: str
    sentence: str
    advice: str
    places: Sequence[Place]


def shown_verdicts(tests: Iterable[TestVerdicts]) -> list[ShownVerdict]:
    """Return the verdicts on tests, one entry per verdict and advice. Those that reject runs come first."""
    found: dict[tuple[bool, str, str], list[tuple[VerdictRecord, Place]]] = {}
    for test in tests:
        for verdict in test.found:
            key = (verdict["severity"] != "rejects", verdict["name"], verdict["advice"])
            found.setdefault(key, []).append((verdict, _place(test, verdict)))
    return [
        ShownVerdict(name, some[0][0]["severity"], sentence(name), _closed(advice), [place for _, place in some])
        for (_, name, advice), some in sorted(found.items(), key=lambda each: each[0][:1])
    ]


def sentence(name: str) -> str:
    """Return what a verdict says; its name for a verdict of another release."""
    return VERDICTS[name].sentence if name in VERDICTS else f"{name}."


def _closed(advice: str) -> str:
    """Return the advice with a full stop, which earlier releases left out."""
    return advice if advice.endswith(".") else f"{advice}."


@dataclass(frozen=True)
class Caution:
    """A verdict with the number of tests that it applies to; `where` is the first test type among them."""

    name: str
    sentence: str
    tests: int
    where: str


def cautions(tests: Iterable[tuple[str, MeasuredTest]]) -> list[Caution]:
    """Return the verdicts on tests, each given with its type, the most frequent first."""
    types_of: dict[str, list[str]] = {}
    for test_type, test in tests:
        for name in sorted({verdict["name"] for verdict in test.metrics.verdicts}):
            types_of.setdefault(name, []).append(test_type)
    found = [Caution(name, sentence(name), len(types), types[0]) for name, types in types_of.items()]
    return sorted(found, key=lambda caution: -caution.tests)


def _place(test: TestVerdicts, verdict: VerdictRecord) -> Place:
    runs = verdict.get("repetitions") or ()
    numbers = f"run{'s' * (len(runs) > 1)} {', '.join(map(str, runs))}" if runs else ""
    return Place(test.model, point_text(verdict.get("point")), numbers, evidence_text(verdict, test.headline))
