"""How far to trust results: their grades, and the verdicts behind them, the gravest first."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from common.catalogue.grades import SENTENCES, WORST_FIRST
from common.catalogue.verdicts import VERDICTS
from common.catalogue.verdicts.evidence import evidence_text
from common.catalogue.verdicts.verdict_type import Grade
from common.free_json import Json

FLAGS = "flags"
NAMED = 4
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
    found = [grade for grade in WORST_FIRST if grade in by_grade]
    if not found:
        return []
    line = "; ".join(f"{grade or 'unknown'}: {listed(by_grade[grade])}" for grade in found)
    return [line] if found[0] == Grade.CLEAN else [line, SENTENCES[found[0]]]


def verdict_lines(tests: Iterable[Named]) -> list[str]:
    """Return each verdict once, with the tests that it concerns, what it says and what to do."""
    found: dict[tuple[str, str], list[Found]] = {}
    for title, test in tests:
        headline = ((test["metrics"] or {}).get("headline") or {}).get("name") or ""
        for verdict in test["verdicts"]:
            if verdict["severity"] == FLAGS:
                one = Found(title, evidence_text(verdict, headline))
                found.setdefault((verdict["name"], verdict["advice"]), []).append(one)
    ordered = sorted(found.items(), key=lambda each: WORST_FIRST.index(_best_grade(each[0][0])))
    return [_line(name, advice, places) for (name, advice), places in ordered]


def _line(name: str, advice: str, places: Sequence[Found]) -> str:
    """Return a verdict with the evidence of the first test that it concerns."""
    grade = _best_grade(name)
    worse = "" if grade == Grade.CLEAN else f"{grade or 'unknown'}, "
    titles = listed(place.title for place in places)
    first = places[0]
    evidence = f"In {first.title}: {first.evidence}" if first.evidence and len(places) > 1 else first.evidence
    says = [VERDICTS[name].sentence if name in VERDICTS else "", evidence, advice]
    return f"{titles} ({worse}{name}): {' '.join(filter(None, says))}"


def listed(titles: Iterable[str]) -> str:
    """Return the titles, or the first of many and the number of the others."""
    names = list(dict.fromkeys(titles))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED + 1 else ""
    return f"{', '.join(names[:NAMED] if more else names)}{more}"


def _best_grade(name: str) -> Grade | None:
    """Return the best grade that a result with this verdict can have. A verdict of another release says nothing."""
    return VERDICTS[name].grade if name in VERDICTS else Grade.CLEAN


def _known(grade: str | None) -> Grade | None:
    return Grade(grade) if grade in list(Grade) else None
