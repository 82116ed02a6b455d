"""Shares and ratios of measured cases, and what is promised of them."""

from dataclasses import dataclass
from math import exp, lgamma, log
from statistics import NormalDist

CHANCE = 0.001
"""A promise is broken if it leaves a share as bad as the measured one less than this probability."""
PERCENT = 100


@dataclass(frozen=True)
class Share:
    """`count` of `of` cases, of which at most or at least a share is promised."""

    count: int
    of: int
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_broken(self) -> bool:
        """Whether the promise is broken, and not by chance alone."""
        too_many = self.at_most is not None and _tail(self.count, self.of, self.at_most) < CHANCE
        misses = self.of - self.count
        return too_many or (self.at_least is not None and _tail(misses, self.of, 1 - self.at_least) < CHANCE)

    def __str__(self) -> str:
        shown = f"{PERCENT * self.count / self.of:.1f} %" if self.of else "none"
        return _marked(shown) if self.is_broken else shown


@dataclass(frozen=True)
class Ratio:
    """A ratio that is a mean of many cases, with its standard error. At most a ratio is promised."""

    value: float
    error: float
    at_most: float

    @property
    def is_broken(self) -> bool:
        """Whether the promise is broken, and not by chance alone."""
        return self.value - NormalDist().inv_cdf(1 - CHANCE) * self.error > self.at_most

    def __str__(self) -> str:
        shown = f"{PERCENT * self.value:.0f} %"
        return _marked(shown) if self.is_broken else shown


def _marked(shown: str) -> str:
    return f"**{shown}, broken**"


def _tail(count: int, of: int, share: float) -> float:
    """Return the probability of at least `count` in `of` draws of probability `share`."""
    if not count or share >= 1:
        return 1.0
    return min(1.0, sum(_probability(of, k, share) for k in range(count, of + 1))) if share > 0 else 0.0


def _probability(of: int, count: int, share: float) -> float:
    ways = lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)
    return exp(ways + count * log(share) + (of - count) * log(1 - share))
