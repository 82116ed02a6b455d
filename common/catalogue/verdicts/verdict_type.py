"""The declaration of a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FRACTION = "of 1"
"""Unit of a share from 0 to 1. Pages show it in percent."""
METRIC_UNIT = "metric"
"""Unit of the evidence's own `metric`, or else of the test's headline metric."""
METRIC_UNIT_PER_RUN = "metric per run"


class Severity(StrEnum):
    """What a verdict means for a run."""

    REJECTS = "rejects"  # the run does not count and is repeated
    FLAGS = "flags"  # the run counts, and its readers are informed


class Grade(StrEnum):
    """How well a result can be trusted, from the best grade to the worst."""

    CLEAN = "clean"
    NOISY = "noisy"
    DISTURBED = "disturbed"


@dataclass(frozen=True)
class VerdictType:
    """A statement about a run or a test, as data for the API and the worker.

    `sentence` says what happened, `advice` what to do. `evidence` maps each field of the evidence to its unit,
    which is empty for counts and words. `grade` is the best grade that a result with this verdict can have. It is None
    if the verdict says that nobody knows if the result is clean.
    """

    name: str
    severity: Severity
    sentence: str
    advice: str
    evidence: Mapping[str, str]
    grade: Grade | None = Grade.CLEAN
