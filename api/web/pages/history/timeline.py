"""History of one model, test type and set of options on one host: findings, marks and rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from math import nan
from operator import or_
from typing import Any

from api.web.pages.charts.figures import Axis, Figure, Mark, median_trace
from api.web.pages.comparison.columns import UNKNOWN, further_facts, machine_facts, settings_text
from api.web.pages.comparison.sections import change_text
from api.web.pages.formatting import label, of_type, point_text
from common.catalogue.effort import REPETITIONS
from common.catalogue.metrics import Metric
from common.machines.fingerprint import parts
from common.stats.changepoints import Step, steps
from common.stats.comparison import Outcome
from common.store.history import HistoryEntry
from common.units import epoch_ms

DIGEST_LENGTH = 12
MAX_MARK_LENGTH = 24
MAX_NAMED_MARKS = 6
"""Up to this number of marks are named on the chart. More are named only in the table."""


@dataclass(frozen=True)
class Change:
    """A change of one property between two sessions, such as `Ollama changed from 0.9.3 to 0.9.4`."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name} changed from {self.before} to {self.after}"

    @property
    def short(self) -> str:
        """The change in a few letters, such as `driver 570.1`."""
        return f"{self.name.split()[-1]} {self.after}"[:MAX_MARK_LENGTH]


@dataclass(frozen=True)
class TimelineEntry:
    """A session in the history, the changes since the session before, and the step that begins there."""

    session: HistoryEntry
    changes: tuple[Change, ...]
    step: Step | None = None


@dataclass(frozen=True)
class Finding:
    """A step as a sentence; `outcome` says whether it is better or worse."""

    text: str
    outcome: Outcome
    session_id: str

    @property
    def badge(self) -> str:
        """The CSS class of the outcome's badge."""
        return self.outcome.name.lower()


@dataclass(frozen=True)
class HistoryTimeline:
    """Sessions of one model and test type, oldest first, with their metric."""

    model: str
    test_type: str
    metric: Metric
    sessions: Sequence[HistoryEntry]

    @cached_property
    def entries(self) -> list[TimelineEntry]:
        """The entries, oldest first."""
        found = {step.at: step for step in steps([_value(session) for session in self.sessions], self.metric.unit)}
        states = [_state(session) for session in self.sessions]
        before = [*states[:1], *accumulate(states[:-1], or_)]  # the last known values
        return [
            TimelineEntry(session, _changes(old, new), found.get(at))
            for at, (session, old, new) in enumerate(zip(self.sessions, before, states, strict=True))
        ]

    @cached_property
    def findings(self) -> list[Finding]:
        """The steps, newest first."""
        return [self._finding(entry, entry.step) for entry in reversed(self.entries) if entry.step]

    def _finding(self, entry: TimelineEntry, step: Step) -> Finding:
        change = step.difference.change
        text = (
            f"{label(self.metric.name)} of {self.model} {'fell' if change < 0 else 'rose'} by "
            f"{_size(step, self.metric.unit)} on {entry.session.at:%Y-%m-%d}, {_reason(entry.changes)}"
        )
        return Finding(text, _outcome(change, self.metric), entry.session.session_id)

    def figure(self) -> Figure:
        """Return the chart of the sessions' medians over time."""
        at: list[float | int | str | None] = [epoch_ms(session.at) for session in self.sessions]
        medians = [session.statistic for session in self.sessions]
        trace = median_trace("median", at, medians, notes=[_note(entry) for entry in self.entries])
        title = f"{of_type(self.metric.name, self.test_type)}: each session's median and 95 % interval"
        y = Axis(label(self.metric.name), self.metric.unit, better=self.metric.better)
        return Figure(title, Axis("", scale="time"), y, [trace], self._marks(), from_zero=False)

    @cached_property
    def changed(self) -> list[TimelineEntry]:
        """The entries with changes, newest first."""
        return [entry for entry in reversed(self.entries) if entry.changes]

    def _marks(self) -> list[Mark]:
        named = len(self.changed) <= MAX_NAMED_MARKS
        return [
            Mark(epoch_ms(entry.session.at), entry.changes[0].short if named else "")
            for entry in reversed(self.changed)
        ]


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    return tuple(Change(name, value, after[name]) for name, value in before.items() if value != after.get(name, value))


def _state(session: HistoryEntry) -> dict[str, str]:
    """Return the properties of server, model, machine and point that may change between sessions."""
    machine = machine_facts(parts(session.inventory) if session.inventory else {})
    further = {name: value for name, value in further_facts(session.inventory or {}).items() if value != UNKNOWN}
    digest = session.model.get("digest") or "unknown"
    return {
        "Ollama": session.ollama_version or "unknown",
        **({} if session.settings is None else {"Ollama's settings": settings_text(session.settings)}),
        "the model's digest": digest[:DIGEST_LENGTH],
        **{f"the {name if name[:3].isupper() else name.lower()}": value for name, value in (machine | further).items()},
        "the point": point_text(session.point) or "none",
    }


def _value(session: HistoryEntry) -> float:
    value = session.statistic["value"] if session.statistic else None
    return nan if value is None else value


def _size(step: Step, unit: str) -> str:
    """Return the size of a step without its sign, such as `12.1 % (10.0 to 14.2)`. The verb gives the direction."""
    difference = step.difference
    if difference.change < 0:
        interval = difference.interval and (-difference.interval[1], -difference.interval[0])
        difference = replace(difference, change=-difference.change, interval=interval)
    return change_text(difference, unit).replace("+", "")


def _outcome(change: float, metric: Metric) -> Outcome:
    if metric.better == "neither":
        return Outcome.DIFFERENT
    return Outcome.BETTER if (change > 0) == (metric.better == "higher") else Outcome.WORSE


def _reason(changed: Sequence[Change]) -> str:
    if not changed:
        return "without a change that Gait knows of"
    return f"when {', and '.join(map(str, changed))}"


def _note(entry: TimelineEntry) -> str:
    changed = "; ".join(map(str, entry.changes))
    name = entry.session.session_name or f"{entry.session.at:%Y-%m-%d %H:%M}"
    count = entry.session.statistic["n"] if entry.session.statistic else 0
    return f"{name}, n = {count}" + (f"; {changed}" if changed else "")


# Grouping of comparable sessions


def comparable_groups(sessions: Iterable[HistoryEntry]) -> dict[tuple[str, str], list[HistoryEntry]]:
    """Return the sessions by host and options as text, the group of the newest session first."""
    groups: dict[tuple[str, str], list[HistoryEntry]] = {}
    for session in sessions:
        if session.statistic:
            groups.setdefault((session.host, options_text(session.options)), []).append(session)
    return dict(sorted(groups.items(), key=lambda group: group[1][-1].at, reverse=True))


def options_text(options: Mapping[str, Any]) -> str:
    """Return the options that affect what is measured, in the order of their names."""
    given = {name: value for name, value in sorted(options.items()) if name not in REPETITIONS and value is not None}
    return ", ".join(f"{name} {_slashed(value)}" for name, value in given.items())


def _slashed(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)
