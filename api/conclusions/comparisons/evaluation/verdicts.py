"""Verdicts: what can be concluded from two columns' runs of one metric at one point, and by which method."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from common.catalogue.metrics import Metric
from common.stats.comparing import false_discoveries
from common.stats.comparing.comparison import Difference, Outcome

SPEEDS = {Outcome.BETTER: Outcome.FASTER, Outcome.WORSE: Outcome.SLOWER}


class Method(StrEnum):
    """How a difference was evaluated."""

    PAIRED = "paired by block"  # both were measured in turn, within one session
    SPREAD = "spread between sessions"  # against how far unchanged sessions lie apart
    SPANS = "sessions of two spans of time"  # against how far the sessions within each lie apart
    RUNS = "runs of these sessions alone"  # the spread between sessions is unknown


@dataclass(frozen=True)
class Verdict:
    """The difference of a column from the baseline in one metric, and what it means.

    `unchanged` is the number of sessions that the spread comes from, 0 with another method. `one_session` says that
    both are models of one session, and `runs_deleted` that the runs of one of them have become old. `hidden` says that
    the difference is clear by itself, but not among as many comparisons as were made.
    """

    difference: Difference
    method: Method
    metric: Metric
    unchanged: int = 0
    one_session: bool = False
    runs_deleted: bool = False
    hidden: bool = False

    @cached_property
    def doubt(self) -> float | None:
        """The p-value in units of the level at which the difference is clear, None if there is none."""
        return None if self.difference.p is None else self.difference.p / self.difference.level

    @cached_property
    def outcome(self) -> Outcome:
        found = Outcome.UNCLEAR if self.hidden else self.difference.outcome(self.metric.better)
        if found not in CLEAR:
            return found
        if self.method == Method.RUNS:
            return Outcome.UNEXPLAINED_HERE if self.one_session else Outcome.UNEXPLAINED
        return SPEEDS.get(found, found) if self.metric.is_speed else found


CLEAR: Sequence[Outcome] = (Outcome.BETTER, Outcome.WORSE, Outcome.DIFFERENT)


def controlled(verdicts: Iterable[Verdict | None]) -> Iterator[Verdict | None]:
    """Return the verdicts in their order. Those that do not stay clear among all of them are hidden."""
    every = list(verdicts)
    doubts = [verdict.doubt for verdict in every if verdict and verdict.doubt is not None]
    clear = iter(false_discoveries.clear(doubts))
    for verdict in every:
        if verdict and verdict.doubt is not None and not next(clear) and verdict.doubt <= 1:
            yield replace(verdict, hidden=True)
        else:
            yield verdict
