"""A history as findings, marks and rows: one model under one test type on one host, with one set of options."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from api.web.pages.charts.figures import Axis, Figure, Mark, Trace
from api.web.pages.comparison.columns import of_machine
from api.web.pages.comparison.contrasts import HOW_OFTEN, told
from api.web.pages.formatting import label, of_type, point_text
from common.catalogue.metrics import Metric
from common.hardware import parts
from common.stats.changepoints import Step, steps
from common.stats.comparison import Outcome
from common.store.history import HistoryEntry
from common.units import epoch_ms

SHORT_DIGEST = 12
LONGEST_MARK = 24
MOST_NAMED = 6
"""Marks on the chart are named while they are no more; beyond, only the table names them."""


@dataclass(frozen=True)
class Change:
    """What was different from one session to the next, as `went from 0.9.3 to 0.9.4`."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name} went from {self.before} to {self.after}"

    @property
    def short(self) -> str:
        """`driver 570.1`, for where there is little room."""
        return f"{self.name.split()[-1]} {self.after}"[:LONGEST_MARK]


@dataclass(frozen=True)
class Entry:
    """A session in the history, what had changed since the one before, and the step that begins there."""

    moment: HistoryEntry
    changes: tuple[Change, ...]
    step: Step | None = None


@dataclass(frozen=True)
class Finding:
    """A step as a sentence; `word` is what it means, `look` the class of its badge."""

    text: str
    word: Outcome
    session_id: str

    @property
    def look(self) -> str:
        return self.word.name.lower()


@dataclass(frozen=True)
class Timeline:
    model: str
    test_type: str
    metric: Metric
    moments: Sequence[HistoryEntry]

    @cached_property
    def entries(self) -> list[Entry]:
        """Oldest first."""
        found = {step.at: step for step in steps([_value(moment) for moment in self.moments], self.metric.unit)}
        states = [_state(moment) for moment in self.moments]
        before = [*states[:1], *states[:-1]]
        return [
            Entry(moment, _changes(old, new), found.get(at))
            for at, (moment, old, new) in enumerate(zip(self.moments, before, states, strict=True))
        ]

    @cached_property
    def findings(self) -> list[Finding]:
        """The steps, newest first."""
        return [self._finding(entry, entry.step) for entry in reversed(self.entries) if entry.step]

    def _finding(self, entry: Entry, step: Step) -> Finding:
        change = step.difference.change
        text = (
            f"{label(self.metric.name)} of {self.model} {'fell' if change < 0 else 'rose'} by "
            f"{_size(step, self.metric.unit)} on {entry.moment.at:%Y-%m-%d}, {_reason(entry.changes)}"
        )
        return Finding(text, _word(change, self.metric), entry.moment.session_id)

    def figure(self) -> Figure:
        at: list[float | int | str | None] = [epoch_ms(moment.at) for moment in self.moments]
        known = [moment.statistic or {} for moment in self.moments]
        bounds = [statistic.get("ci95") or (None, None) for statistic in known]
        trace = Trace(
            "median",
            at,
            [statistic.get("value") for statistic in known],
            [low for low, _ in bounds],
            [high for _, high in bounds],
            "line",
            [_note(entry) for entry in self.entries],
        )
        title = f"{of_type(self.metric.name, self.test_type)}: each session's median and 95 % interval"
        y = Axis(label(self.metric.name), self.metric.unit, better=self.metric.better)
        return Figure(title, Axis("", scale="time"), y, [trace], self._marks(), from_zero=False)

    @cached_property
    def changed(self) -> list[Entry]:
        """Where something had changed, newest first."""
        return [entry for entry in reversed(self.entries) if entry.changes]

    def _marks(self) -> list[Mark]:
        named = len(self.changed) <= MOST_NAMED
        return [
            Mark(epoch_ms(entry.moment.at), entry.changes[0].short if named else "") for entry in reversed(self.changed)
        ]


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    return tuple(Change(name, value, after[name]) for name, value in before.items() if value != after[name])


def _state(moment: HistoryEntry) -> dict[str, str]:
    """What of the server, the model, the machine and the point measured may change."""
    machine = of_machine(parts(moment.inventory) if moment.inventory else {})
    digest = moment.model.get("digest") or "unknown"
    return {
        "Ollama": moment.ollama_version or "unknown",
        "the model's digest": digest[:SHORT_DIGEST],
        **{f"the {name if name[:3].isupper() else name.lower()}": value for name, value in machine.items()},
        "the point": point_text(moment.point) or "none",
    }


def _value(moment: HistoryEntry) -> float:
    return float((moment.statistic or {})["value"])


def _size(step: Step, unit: str) -> str:
    """`12.1 % (10.0 to 14.2)`: of what fell, how far down, which the verb says already."""
    found = step.difference
    if found.change >= 0:
        return told(found, unit).replace("+", "")
    turned = found.interval and (-found.interval[1], -found.interval[0])
    return told(replace(found, change=-found.change, interval=turned), unit).replace("+", "")


def _word(change: float, metric: Metric) -> Outcome:
    if metric.better == "neither":
        return Outcome.DIFFERENT
    return Outcome.BETTER if (change > 0) == (metric.better == "higher") else Outcome.WORSE


def _reason(changed: Sequence[Change]) -> str:
    if not changed:
        return "with no change that Gait knows of"
    return f"when {', and '.join(map(str, changed))}"


def _note(entry: Entry) -> str:
    changed = "; ".join(map(str, entry.changes))
    name = entry.moment.session_name or f"{entry.moment.at:%Y-%m-%d %H:%M}"
    return f"{name}, n = {(entry.moment.statistic or {}).get('n')}" + (f"; {changed}" if changed else "")


# Which sessions belong to one line


def kinds(moments: Iterable[HistoryEntry]) -> dict[tuple[str, str], list[HistoryEntry]]:
    """Those that may be compared, by host and by options as text: those of the newest session first."""
    found: dict[tuple[str, str], list[HistoryEntry]] = {}
    for moment in moments:
        if moment.statistic:
            found.setdefault((moment.host, options_text(moment.options)), []).append(moment)
    return dict(sorted(found.items(), key=lambda kind: kind[1][-1].at, reverse=True))


def options_text(options: Mapping[str, Any]) -> str:
    """The options that change what is measured, in the order of their names."""
    told_of = {name: value for name, value in sorted(options.items()) if name not in HOW_OFTEN and value is not None}
    return ", ".join(f"{name} {_listed(value)}" for name, value in told_of.items())


def _listed(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)
