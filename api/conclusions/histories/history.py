"""A history: the sessions of one model, test type and set of options on one host, and what lasts in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan

from api.conclusions.histories.changes import Change, changes
from common.catalogue.metrics import Metric
from common.stats.comparing.comparison import Outcome
from common.stats.history.evaluation import MIN_SESSIONS, Evaluation, evaluate
from common.stats.history.evaluation import Change as LastingChange
from common.store.earlier.history import HistoryEntry


@dataclass(frozen=True)
class Finding:
    """A step or a drift. `first` is the first session of the new level or of the drift, `last` the drift's last.

    `seen` is the session that showed it. `changes` coincide with it, and need not be its cause.
    """

    lasting: LastingChange
    first: HistoryEntry
    last: HistoryEntry
    seen: HistoryEntry
    changes: tuple[Change, ...]
    outcome: Outcome


@dataclass(frozen=True)
class History:
    """Comparable sessions of one model and test type with a value of the metric, oldest first."""

    model: str
    test_type: str
    metric: Metric
    sessions: Sequence[HistoryEntry]

    @cached_property
    def evaluation(self) -> Evaluation:
        """The levels and changes."""
        return evaluate([_value(session) for session in self.sessions], self.metric.unit)

    @cached_property
    def changes(self) -> list[tuple[Change, ...]]:
        """For each session, what changed since the session before."""
        return changes(self.sessions)

    @cached_property
    def missing(self) -> int:
        """Number of sessions that are needed until a lasting change can be distinguished from noise."""
        return max(MIN_SESSIONS - len(self.sessions), 0)

    @cached_property
    def findings(self) -> list[Finding]:
        """The lasting changes, newest first."""
        return [self._finding(lasting) for lasting in reversed(self.evaluation.changes)]

    def _finding(self, lasting: LastingChange) -> Finding:
        coinciding = self.changes[lasting.start : lasting.last + 1]
        return Finding(
            lasting,
            first=self.sessions[lasting.start],
            last=self.sessions[lasting.last],
            seen=self.sessions[lasting.seen],
            changes=tuple(_each_once(coinciding)),
            outcome=lasting.difference.outcome(self.metric.better),
        )


def _each_once(coinciding: Iterable[tuple[Change, ...]]) -> Iterable[Change]:
    return dict.fromkeys(change for of_session in coinciding for change in of_session)


def _value(session: HistoryEntry) -> float:
    value = session.statistic["value"] if session.statistic else None
    return nan if value is None else value
