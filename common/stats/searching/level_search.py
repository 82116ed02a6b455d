"""The largest level at which a share of answers is good, found by a sequential search with a known confidence.

A level is a number of users, or a step of a rate. Larger levels have smaller shares of good answers. The search doubles
its steps until a level looks bad, halves the gap, and then collects evidence at its two edges only.

Evidence is a test martingale: the probability of the answers under some alternatives, over that under the hypothesis.
If the hypothesis is true, it ever exceeds 100 with a probability of at most 1 %, however often it is looked at (Ville,
Étude critique de la notion de collectif, 1939; Shafer et al., Test martingales, Bayes factors and p-values, 2011).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, exp, log, log2

CONFIDENCE = 0.95
GOOD_MISSES = (0.02, 0.2)
"""Alternatives of a good level: its share of bad answers as a multiple of the one that is allowed."""
BAD_MISSES = (0.1, 0.5, 0.9)
"""Alternatives of a bad level: how far its share of bad answers is from the one that is allowed, towards all."""
FIRST_ANSWERS = 10
"""Answers of the first look at a level, which decides where to look next."""
MAX_ANSWERS = 250
"""Answers after which a level counts as undecided."""
MAX_GROWTH = 4
"""A window has at most this multiple of the answers so far, because a level may look better than it is."""


@dataclass(frozen=True)
class Evidence:
    """The answers at a level. They are not whole numbers if answers that depend on each other count less than one."""

    good: float = 0
    answers: float = 0

    def looks_good(self, share: float) -> bool:
        """Return whether the share of good answers may be this one, for a few bad answers by chance."""
        return self.good >= share * self.answers - (self.answers - self.good > 0) * 0.5

    @property
    def share(self) -> float:
        """The share of good answers, 1 if there are none."""
        return self.good / self.answers if self.answers else 1.0

    def with_more(self, answers: float, share: float) -> "Evidence":
        """Return the evidence with more answers, of which this share is good."""
        return Evidence(self.good + share * answers, self.answers + answers)

    def log_ratio(self, share: float, missing: Sequence[float]) -> float:
        """Return the log of the mean likelihood under alternatives with these shares of bad answers, over `share`'s."""
        bad = self.answers - self.good
        logs = [self.good * log((1 - miss) / share) + bad * log(miss / (1 - share)) for miss in missing]
        largest = max(logs)
        return largest + log(sum(exp(each - largest) for each in logs) / len(logs))


@dataclass(frozen=True)
class Probe:
    """The next level to measure, with the number of answers that are wanted."""

    level: int
    answers: int


@dataclass(frozen=True)
class Found:
    """The largest good level: `level` at best, and from `low` to `high` with CONFIDENCE.

    0 means that not even the first level is good. `high` is None if no larger level is known to be bad.
    """

    level: int
    low: int
    high: int | None


@dataclass
class LevelSearch:
    """A search for the largest level with this share of good answers, from 1 to `maximum`, that begins at `start`.

    Its steps are `max_step` at most. A level that looks bad counts as undecided after `max_bad` answers.
    """

    share: float
    maximum: int
    start: int = 1
    max_step: int = 1 << 30
    max_bad: float = MAX_ANSWERS
    evidence: dict[int, Evidence] = field(default_factory=dict)

    @property
    def threshold(self) -> float:
        """The log of the evidence that proves a level, so that all levels together are wrong in at most 5 %."""
        levels = 1 + ceil(log2(max(2, self.maximum)))
        return log(2 * levels / (1 - CONFIDENCE))

    def add(self, level: int, good: float, answers: float) -> None:
        known = self.evidence.get(level, Evidence())
        self.evidence[level] = Evidence(known.good + good, known.answers + answers)

    def is_good(self, level: int) -> bool:
        """Return whether the level is proven to be good."""
        return self._of_good(self.evidence.get(level, Evidence())) >= self.threshold

    def is_bad(self, level: int) -> bool:
        """Return whether the level is proven to be bad."""
        return self._of_bad(self.evidence.get(level, Evidence())) >= self.threshold

    def _of_good(self, known: Evidence) -> float:
        return known.log_ratio(self.share, [miss * (1 - self.share) for miss in GOOD_MISSES])

    def _of_bad(self, known: Evidence) -> float:
        return known.log_ratio(self.share, [1 - self.share * (1 - miss) for miss in BAD_MISSES])

    def next(self) -> Probe | None:
        """Return what to measure next, or None if both edges are proven, or cannot be."""
        good, bad = self._edges()
        if bad - good > 1:
            return Probe(self._between(good, bad), FIRST_ANSWERS)
        above = next((at for at in range(bad, self.maximum + 1) if not self._is_spent(at, self.max_bad)), None)
        below = next((at for at in range(good, 0, -1) if not self._is_spent(at, MAX_ANSWERS)), None)
        for level, proven in ((above, self.is_bad), (below, self.is_good)):
            if level is not None and not proven(level):
                return Probe(level, self._wanted(level))
        return None

    def found(self) -> Found:
        good, _ = self._edges()
        low = max((level for level in self.evidence if self.is_good(level)), default=0)
        high = min((level - 1 for level in self.evidence if self.is_bad(level)), default=None)
        if high is None:
            return Found(max(low, good), low, None)
        low, high = min(low, high), max(low, high)  # proofs may contradict each other: one of them is wrong by chance
        return Found(min(max(low, good), high), low, high)

    def _edges(self) -> tuple[int, int]:
        """Return the largest level that looks good below all that look bad, and the next that looks bad.

        They are 0 and `maximum` + 1 if there is none.
        """
        bad = min((level for level in self.evidence if not self._looks_good(level)), default=self.maximum + 1)
        good = max((level for level in self.evidence if level < bad), default=0)
        return good, bad

    def _looks_good(self, level: int) -> bool:
        return self.is_good(level) or (not self.is_bad(level) and self.evidence[level].looks_good(self.share))

    def _between(self, good: int, bad: int) -> int:
        """Return a level between the two: the middle, or a growing step away from the start if one is not known."""
        if not self.evidence:
            return self.start
        if bad > self.maximum:
            return min(self.maximum, good + min(self.max_step, max(1, good - self.start + 1)))
        if good == 0:
            return max(1, bad - min(self.max_step, max(1, self.start - bad + 1)))
        return (good + bad) // 2

    def _is_spent(self, level: int, most: float) -> bool:
        known = self.evidence.get(level)
        return known is not None and known.answers >= most and not self.is_good(level) and not self.is_bad(level)

    def _wanted(self, level: int) -> int:
        """Return the number of answers that would prove a level: good ones, or such as those of one that looks bad."""
        known = self.evidence.get(level, Evidence())
        possible = range(FIRST_ANSWERS, max(FIRST_ANSWERS, ceil(MAX_GROWTH * known.answers)) + 1)
        strength, good = (self._of_good, 1.0) if level < self._edges()[1] else (self._of_bad, known.share)
        enough = (more for more in possible if strength(known.with_more(more, good)) >= self.threshold)
        return next(enough, possible[-1])
