"""A regression as it is stored."""

from typing import TypedDict


class LevelRecord(TypedDict):
    """The metric before or after a change."""

    value: float
    ci95: tuple[float, float]


class RegressionRecord(TypedDict):
    """The change with its interval, in percent if `relative`, else in the metric's `unit`.

    `coinciding` is what changed at the same time.
    """

    unit: str
    relative: bool
    change: float
    ci95: tuple[float, float]
    drifts: bool
    before: LevelRecord
    after: LevelRecord
    coinciding: list[str]
    sentence: str
