"""A regression as it is stored."""

from typing import TypedDict


class LevelRecord(TypedDict):
    """The metric before or after a change."""

    value: float
    ci95: tuple[float, float]


class CoincidingRecord(TypedDict):
    """What changed at the same time, such as `Ollama` from `0.9.3` to `0.9.4`."""

    name: str
    before: str
    after: str


class RegressionRecord(TypedDict):
    """The change with its interval, in percent if `relative`, else in the metric's `unit`.

    One that `drifts` went on from the first session to `last`, an id. A step has None there.
    """

    unit: str
    relative: bool
    change: float
    ci95: tuple[float, float]
    drifts: bool
    last: str | None
    before: LevelRecord
    after: LevelRecord
    coincides: list[CoincidingRecord]
    sentence: str
