"""What the machine did during runs, as JSON. Units are those of the readings; None is unknown."""

from typing import TypedDict


class PhaseRecord(TypedDict):
    """A phase of a request, from `start` to `end` in ms of Redis's clock."""

    phase: str
    start: float
    end: float


class RunPhase(PhaseRecord):
    """A phase of a session with the run that it belongs to. The idle time before a test belongs to no run."""

    model_name: str
    test_type: str
    point: int | None
    repetition: int | None


Peaks = dict[str, float | None]
"""The highest value of each measure."""
