"""How far to trust results: their grades, and the verdicts behind them, the gravest first."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from common.catalogue.grades import SENTENCES, WORST_FIRST, grade
from common.catalogue.verdicts import VERDICTS
from common.catalogue.verdicts.evidence import evidence_text
from common.catalogue.verdicts.verdict_type import Grade, Severity
from common.values.free_json import Json

MAX_NAMED = 4
"""How many tests a line names. The others are counted."""

Named = tuple[str, Json]
"""A test with its title."""


class Found(NamedTuple):
    """A test with a verdict, and the evidence in words."""

    title: str
    evidence: str


def grade_lines(tests: Iterable[Named]) -> list[str]:
    """Return the grades with the tests that have them, and what the worst one means if it is not clean."""
    by_grade: dict[Grade | None, list[str]] = {}
    for title, test in tests:
        by_grade.setdefault(_known(test.get("grade")), []).append(title)
    found = [each for each in WORST_FIRST if each in by_grade]
    if not found:
        return []
    line = "; ".join(f"{each or 'unknown'}: {_listed(by_grade[each])}" for each in found)
    return [line] if found[0] == Grade.CLEAN else [line, SENTENCES[found[0]]]


def verdict_lines(tests: Iterable[Named]) -> list[str]:
    """Return each verdict once, with the tests that it concerns, what it says and what to do."""
    found: dict[tuple[Grade | None, str, str], list[Found]] = {}
    for title, test in tests:
        headline = ((test["metrics"] or {}).get("headline") or {}).get("name") or ""
        for verdict in test["verdicts"]:
            if verdict["severity"] == Severity.FLAGS:
                key = grade([verdict]), verdict["name"], verdict["advice"]
                found.setdefault(key, []).append(Found(title, evidence_text(verdict, headline)))
    ordered = sorted(found.items(), key=lambda each: WORST_FIRST.index(each[0][0]))
    return [_line(*key, places) for key, places in ordered]


def _line(best: Grade | None, name: str, advice: str, places: Sequence[Found]) -> str:
    """Return a verdict with the best grade that it allows, and the evidence of the first test that it concerns."""
    worse = "" if best == Grade.CLEAN else f"{best or 'unknown'}, "
    titles = _listed(place.title for place in places)
    first = places[0]
    evidence = f"In {first.title}: {first.evidence}" if first.evidence and len(places) > 1 else first.evidence
    says = [VERDICTS[name].sentence if name in VERDICTS else "", evidence, advice]
    return f"{titles} ({worse}{name}): {' '.join(filter(None, says))}"


def _listed(titles: Iterable[str]) -> str:
    """Return the titles, or the first of many and the number of the others."""
    names = list(dict.fromkeys(titles))
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED + 1 else ""
    return f"{', '.join(names[:MAX_NAMED] if more else names)}{more}"


def _known(grade: str | None) -> Grade | None:
    return Grade(grade) if grade in list(Grade) else None
