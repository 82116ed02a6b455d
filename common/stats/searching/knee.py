"""The knee of a curve of throughput over the number of users: the smallest number that reaches most of the peak.

A number of users is compared with the best one by the ratios of their runs within the same blocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from statistics import median

from common.stats.intervals import median_interval

SHARE = 0.95
"""Share of the peak throughput that the knee reaches. What is missing is less than anybody would add users for."""

Blocks = Mapping[int, float]
"""Throughputs by the number of their block."""


@dataclass(frozen=True)
class Knee:
    """The knee is `users` by the medians.

    From `low` users on, the throughput is not clearly below SHARE of the peak, and with `high` users it clearly
    reaches that. Both are None if there are too few runs to know.
    """

    users: int
    low: int | None
    high: int | None


def knee(by_users: Mapping[int, Blocks]) -> Knee | None:
    """Return the knee of the throughputs at each number of users, or None if none is known."""
    medians = {users: median(blocks.values()) for users, blocks in by_users.items() if blocks}
    if not medians:
        return None
    best = max(medians, key=lambda users: (medians[users], -users))
    numbers = sorted(medians)
    found = next(users for users in numbers if medians[users] >= SHARE * medians[best])
    bounds = {users: _ratio(by_users[best], by_users[users]) for users in numbers if users != best}
    if any(bound is None for bound in bounds.values()) or len(by_users[best]) < median_interval.MIN_SAMPLES:
        return Knee(found, None, None)
    known = {users: bound for users, bound in bounds.items() if bound} | {best: (0.0, 0.0)}
    low = next(users for users in numbers if known[users][1] >= log(SHARE))
    high = next(users for users in numbers if known[users][0] >= log(SHARE))
    return Knee(found, min(low, found), max(high, found))


def _ratio(best: Blocks, other: Blocks) -> tuple[float, float] | None:
    """Return the interval of the log of other / best, from the blocks that have both; None if they are too few."""
    common = [block for block in best if block in other and min(best[block], other[block]) > 0]
    return median_interval.interval([log(other[block] / best[block]) for block in common])
