"""The chart and the table of a history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from api.conclusions.histories.changes import Change
from api.conclusions.histories.history import Finding, History
from api.web.pages.charts.figures import Axis, Figure, Mark, Trace, Value, median_trace
from api.web.pages.presentation.colours import model_series
from api.web.pages.presentation.formatting import label, of_type
from common.catalogue.verdicts.verdict_type import Grade
from common.stats.history.evaluation import Level
from common.store.earlier.history import HistoryEntry
from common.values.units import epoch_ms

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
            for change in self.history.evaluation.changes
        }
        pairs = zip(self.sessions, self.history.changes, strict=True)
        return [TimelineEntry(session, changes, begins.get(at, "")) for at, (session, changes) in enumerate(pairs)]

    @cached_property
    def changed(self) -> list[TimelineEntry]:
        """The entries with changes, newest first."""
        return [entry for entry in reversed(self.entries) if entry.changes]

    def around(self, finding: Finding) -> tuple[HistoryEntry | None, HistoryEntry]:
        """Return the last session before a step and its first one, or the first and the last session of a drift."""
        if finding.lasting.drifts:
            return finding.first, finding.last
        start = finding.lasting.start
        return (self.sessions[start - 1] if start else None), finding.first

    def figure(self) -> Figure:
        """Return the chart of the sessions' medians over time, with their levels and drifts."""
        metric, medians = self.history.metric, self._medians()
        levels = self.history.evaluation.levels
        parts = ["each session's median and 95 % interval", *(["the level"] if levels else [])]
        parts += ["hollow if noisy or disturbed"] if any(medians.hollow or ()) else []
        return Figure(
            f"{of_type(metric.name, self.history.test_type)}: {', '.join(parts)}",
            Axis("", scale="time"),
            Axis(label(metric.name), metric.unit, better=metric.better),
            [medians, *([_levels(levels, medians)] if levels else [])],
            self._marks(),
            from_zero=False,
        )

    def _medians(self) -> Trace:
        """Return the medians as dots if levels go through them, otherwise as a line."""
        at: list[Value] = [epoch_ms(session.at) for session in self.sessions]
        medians = median_trace(
            "median of a session",
            at,
            [session.statistic for session in self.sessions],
            notes=[_note(entry) for entry in self.entries],
            series=model_series([self.history.model])[self.history.model],
        )
        hollow = [session.grade in {Grade.NOISY, Grade.DISTURBED} for session in self.sessions]
        look: Literal["dots", "line"] = "dots" if self.history.evaluation.levels else "line"
        return replace(medians, hollow=hollow, look=look, tabled=False)  # the page's table of sessions has the values

    def _marks(self) -> list[Mark]:
        named = len(self.changed) <= MAX_NAMED_MARKS
        return [
            Mark(epoch_ms(entry.session.at), entry.changes[0].short if named else "")
            for entry in reversed(self.changed)
        ]


def _levels(levels: Iterable[Level], medians: Trace) -> Trace:
    """Return a trace of the levels: each from its first to its last session, with a gap after it."""
    x: list[Value] = []
    y: list[float | None] = []
    low: list[float | None] = []
    high: list[float | None] = []
    for level in levels:
        x += [medians.x[level.start], medians.x[level.end - 1], None]
        y += [*level.values, None]
        low += [*(bounds[0] for bounds in level.intervals), None]
        high += [*(bounds[1] for bounds in level.intervals), None]
    return Trace(
        "level, and its 95 % interval", x, y, low, high, look="band", series=medians.series, legend=False, tabled=False
    )


def _note(entry: TimelineEntry) -> str:
    changed = "; ".join(map(str, entry.changes))
    name = entry.session.session_name or f"{entry.session.at:%Y-%m-%d %H:%M}"
    count = entry.session.statistic["n"] if entry.session.statistic else 0
    grade = entry.session.grade or "of unknown grade"
    return f"{name}, {grade}, n = {count}" + (f"; {changed}" if changed else "")
