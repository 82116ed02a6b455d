"""How often each point of a session is measured, and how precisely: the effort of the session, in three steps."""

from collections.abc import Mapping
from enum import StrEnum

MINIMUM, MAXIMUM, PRECISION = "minRepetitions", "maxRepetitions", "precision"
REPETITIONS = (MINIMUM, MAXIMUM, PRECISION)
"""The options that say how often a point is measured, and not what is measured."""


class Effort(StrEnum):
    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"


WORK: Mapping[Effort, Mapping[str, int]] = {
    Effort.QUICK: {MINIMUM: 3, MAXIMUM: 3, PRECISION: 2},
    Effort.STANDARD: {MINIMUM: 8, MAXIMUM: 20, PRECISION: 2},
    Effort.THOROUGH: {MINIMUM: 8, MAXIMUM: 100, PRECISION: 1},
}
"""The runs of a point, and the precision in percent. Three runs give no interval, so they cannot be compared."""
DESCRIPTIONS: Mapping[Effort, str] = {
    Effort.QUICK: "3 runs of each point, no intervals",
    Effort.STANDARD: "8 to 20 runs, until each median is known to 2 %",
    Effort.THOROUGH: "8 to 100 runs, until each median is known to 1 %",
}


def repetitions(effort: Effort, given: Mapping[str, int]) -> dict[str, int]:
    """Return the options of REPETITIONS: the `given` ones, and the others as the effort says.

    A maximum that is given alone also lowers the minimum, and a minimum that is given alone raises the maximum.
    """
    work = dict(WORK[effort])
    if MINIMUM not in given:
        work[MINIMUM] = min(work[MINIMUM], given.get(MAXIMUM, work[MINIMUM]))
    if MAXIMUM not in given:
        work[MAXIMUM] = max(work[MAXIMUM], given.get(MINIMUM, work[MAXIMUM]))
    return {**work, **given}
