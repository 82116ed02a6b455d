"""Randomised complete blocks: one run of each point in random order, then again.

A drift of the machine then falls on all points alike, and on all models that take turns. Runs with the same repetition
were measured in the same block, so they are pairs.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from typing import TypeVar

from common.catalogue.effort import MAXIMUM, MINIMUM
from common.catalogue.metrics import METRICS
from common.catalogue.options import Options
from common.stats.comparing import paired
from common.stats.comparing.comparison import PERCENT, PERCENT_UNIT, Difference
from common.stats.intervals import looks
from worker.workload.point_runs import PointRuns
from worker.workload.test_type import Workload

Item = TypeVar("Item")


@dataclass(frozen=True)
class BlockSeries:
    """Points of one test that are measured in the same blocks."""

    workload: Workload
    options: Options
    points: Sequence[PointRuns]

    def is_settled(self) -> bool:
        return all(self.workload.enough(self.options, point.runs) for point in self.points)


Steps = Generator[BlockSeries, int | None, None]
"""The steps of a test. It yields the points that are measured now, and receives the result of `next_block`."""


def next_block(taking_turns: Sequence[BlockSeries]) -> int | None:
    """Return the number of the next block, from 1, or None if the tests that take turns have enough of them.

    A block that was cut is completed first. Nobody runs on alone: all points of all tests go on until the last one has
    settled.
    """
    lengths = {len(point.runs) for series in taking_turns for point in series.points}
    if len(lengths) <= 1 and _are_settled(taking_turns):
        return None
    return min(lengths) + 1


def _are_settled(taking_turns: Sequence[BlockSeries]) -> bool:
    if not all(series.is_settled() for series in taking_turns):
        return False
    return all(
        _is_answered(one, runs, partner)
        for one, other in combinations(taking_turns, 2)
        for runs in one.points
        for partner in other.points
        if runs.point == partner.point
    )


def _is_answered(series: BlockSeries, runs: PointRuns, partner: PointRuns) -> bool:
    """Return whether the pairs of two models show if they differ, or no more runs are left."""
    minimum, maximum = int(series.options[MINIMUM]), int(series.options[MAXIMUM])
    name = series.workload.test_type.headline
    values = [
        (one.metrics.get(name), other.metrics.get(name)) for one, other in zip(runs.runs, partner.runs, strict=True)
    ]
    known = [(one, other) for one, other in values if one is not None and other is not None]
    if len(values) >= maximum or not known:
        return len(values) >= maximum
    level, unit = looks.confidence(minimum, maximum, looks.VERDICTS), METRICS[name].unit
    difference = paired.difference([one for one, _ in known], [other for _, other in known], unit, level)
    return _is_clear(difference, unit, PERCENT * runs.precision)


def _is_clear(difference: Difference, unit: str, small: float) -> bool:
    """Return whether the interval is on one side of 0, or within `small` percent or percentage points of it."""
    if difference.interval is None:
        return False
    low, high = difference.interval
    comparable = difference.relative or unit == PERCENT_UNIT
    return low > 0 or high < 0 or (comparable and low >= -small and high <= small)


def shuffled(items: Iterable[Item], key: Callable[[Item], object], seed: str) -> list[Item]:
    """Return the items in random order, always the same for a seed.

    Items that are left out do not change the order of the others, so a resumed test continues in the same order.
    """
    return sorted(items, key=lambda item: sha256(f"{seed} {key(item)}".encode()).digest())
