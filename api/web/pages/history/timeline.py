"""The chart and the table of a history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from api.histories.changes import Change
from api.histories.history import History
from api.web.pages.charts.figures import Axis, Figure, Mark, Trace, Value, median_trace
from api.web.pages.formatting import label, of_type
from common.stats.history.judgement import Level
from common.store.earlier.history import HistoryEntry
from common.units import epoch_ms

MAX_NAMED_MARKS = 6
"""Up to this number of marks are named on the chart. More are named only in the table."""


@dataclass(frozen=True)
class TimelineEntry:
    """A session in the history, the changes since the session before, and what lasting change begins there."""

    session: HistoryEntry
    changes: tuple[Change, ...]
    begins: str = ""


@dataclass(frozen=True)
class HistoryTimeline:
    """A history as a chart and a table."""

    history: History

    @property
    def sessions(self) -> Sequence[HistoryEntry]:
        return self.history.sessions

    @cached_property
    def entries(self) -> list[TimelineEntry]:
        """The entries, oldest first."""
        begins = {
            change.start: "slow drift begins" if change.drifts else "new level"
            for change in self.history.judgement.changes
        }
        pairs = zip(self.sessions, self.history.changes, strict=True)
        return [TimelineEntry(session, changes, begins.get(at, "")) for at, (session, changes) in enumerate(pairs)]

    @cached_property
    def changed(self) -> list[TimelineEntry]:
        """The entries with changes, newest first."""
        return [entry for entry in reversed(self.entries) if entry.changes]

    def figure(self) -> Figure:
        """Return the chart of the sessions' medians over time, with their levels and drifts."""
        metric = self.history.metric
        at: list[Value] = [epoch_ms(session.at) for session in self.sessions]
        medians = [session.statistic for session in self.sessions]
        traces = [median_trace("median of a session", at, medians, notes=[_note(entry) for entry in self.entries])]
        levels = self.history.judgement.levels
        title = f"{of_type(metric.name, self.history.test_type)}: each session's median and 95 % interval"
        return Figure(
            f"{title}, and the level" if levels else title,
            Axis("", scale="time"),
            Axis(label(metric.name), metric.unit, better=metric.better),
            [*traces, *([_levels(levels, at)] if levels else [])],
            self._marks(),
            from_zero=False,
        )

    def _marks(self) -> list[Mark]:
        named = len(self.changed) <= MAX_NAMED_MARKS
        return [
            Mark(epoch_ms(entry.session.at), entry.changes[0].short if named else "")
            for entry in reversed(self.changed)
        ]


def _levels(levels: Iterable[Level], at: Sequence[Value]) -> Trace:
    """Return a trace of the levels: each from its first to its last session, with a gap after it."""
    x: list[Value] = []
    y: list[float | None] = []
    low: list[float | None] = []
    high: list[float | None] = []
    for level in levels:
        x += [at[level.start], at[level.end - 1], None]
        y += [*level.values, None]
        low += [*(bounds[0] for bounds in level.intervals), None]
        high += [*(bounds[1] for bounds in level.intervals), None]
    return Trace("level, and its 95 % interval", x, y, low, high, look="band", tabled=False)


def _note(entry: TimelineEntry) -> str:
    changed = "; ".join(map(str, entry.changes))
    name = entry.session.session_name or f"{entry.session.at:%Y-%m-%d %H:%M}"
    count = entry.session.statistic["n"] if entry.session.statistic else 0
    return f"{name}, n = {count}" + (f"; {changed}" if changed else "")
