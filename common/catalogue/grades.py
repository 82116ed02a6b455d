"""Grades of results: how well each can be trusted, as its verdicts say.

A result is at most as good as the grade that each of its verdicts declares. Verdicts that reject a run do not count,
because the run is in no metric.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from common.catalogue.verdicts import VERDICTS
from common.catalogue.verdicts.verdict_type import Grade, Severity

SENTENCES: Mapping[Grade | None, str] = {
    Grade.CLEAN: "The value is known as precisely as wanted, and nothing disturbed the measurement.",
    Grade.NOISY: "The value is known less precisely than wanted, or the runs were still changing.",
    Grade.DISTURBED: "Something else affected the measurement, such as other programs, lower clocks or swapping, or its"
    " numbers contradict each other. Do not compare it.",
    None: "Nobody knows if the result is clean: no readings of the machine were recorded, or no verdicts.",
}
"""What each grade means. None is an unknown one."""
WORST_FIRST = (Grade.DISTURBED, Grade.NOISY, None, Grade.CLEAN)


def grade(verdicts: Iterable[Mapping[str, Any]] | None) -> Grade | None:
    """Return the grade of a result with these verdicts. It is None if it is unknown, as without a list of verdicts.

    Verdicts of another release say nothing about the grade.
    """
    if verdicts is None:
        return None
    flags = (verdict.get("name") for verdict in verdicts if verdict.get("severity") == Severity.FLAGS)
    return worst({VERDICTS[name].grade for name in flags if name in VERDICTS} | {Grade.CLEAN})


def worst(grades: Iterable[str | None]) -> Grade | None:
    """Return the worst of these grades. It is None if that is an unknown one, or if there are none."""
    found = set(grades)
    return next((each for each in WORST_FIRST if each in found), None)
