"""Comparison of two spans of time: the comparable sessions of one model and test type in each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from api.conclusions.comparisons.alternatives import Names
from api.conclusions.comparisons.compared_tests import ComparedCell, ComparedRow, ComparedTest
from api.conclusions.comparisons.evaluation.obstacles import REPLACED, unlike_hardware
from api.conclusions.comparisons.evaluation.verdicts import Method, Verdict
from api.conclusions.comparisons.words import summary
from api.conclusions.comparisons.words.differences import ColumnFact
from api.conclusions.comparisons.words.summary import Summary
from api.conclusions.histories.changes import changes
from api.conclusions.histories.comparable_sessions import comparable_groups
from api.conclusions.histories.history_query import Asked, Group, answered
from common.catalogue.metrics import Metric
from common.stats.comparing import between_spans
from common.store.earlier.history import HistoryEntry

LETTERS = "AB"
METHOD = (
    "Evaluated by how far the sessions within each span lie apart, one value a session. It allows for sessions that"
    " resemble the one before, with an autocorrelation up to 0.5. The interval has a confidence of 95 %."
)


@dataclass(frozen=True)
class Span:
    """The comparable sessions of a span of time, oldest first, and how many others there were.

    All have the model's digest and the hardware of the newest.
    """

    start: datetime
    end: datetime
    sessions: Sequence[HistoryEntry]
    left_out: int

    def text(self, form: str) -> str:
        """Return both ends, each in the form of `strftime`."""
        return f"{self.start:{form}} to {self.end:{form}}"

    def values(self) -> list[float]:
        found = (session.statistic["value"] for session in self.sessions if session.statistic)
        return [value for value in found if value is not None]


@dataclass(frozen=True)
class SpanComparison:
    """Two spans of one history. `any_digest` compares a model with its replacement."""

    asked: Asked
    group: Group | None
    spans: tuple[Span, Span]
    any_digest: bool

    @cached_property
    def names(self) -> Names:
        """The spans by their days, and by their times if both have the same days."""
        days, times = ([span.text(form) for span in self.spans] for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M"))
        titles = times if days[0] == days[1] else days
        return Names(dict(zip(LETTERS, titles, strict=True)), dict.fromkeys(LETTERS, ""))

    @cached_property
    def obstacles(self) -> list[str]:
        """Why the spans are not comparable."""
        if not all(span.sessions for span in self.spans):
            return []
        before, after = (span.sessions[-1] for span in self.spans)
        hardware = unlike_hardware(before.inventory, after.inventory)
        replaced = _digest(before) and _digest(after) and _digest(before) != _digest(after) and not self.any_digest
        return [*(f"other hardware ({name})" for name in hardware), *([REPLACED] if replaced else [])]

    @cached_property
    def test(self) -> ComparedTest:
        metric, verdict = self.asked.metric, self._verdict()
        newest = next((span.sessions[-1] for span in reversed(self.spans) if span.sessions), None)
        baseline, other = (_cell(letter, span, metric) for letter, span in zip(LETTERS, self.spans, strict=True))
        compared = replace(other, verdict=verdict, incomparable=bool(self.obstacles))
        row = ComparedRow(newest.point if newest else {}, metric, (baseline, compared))
        found = {"B": self.obstacles} if self.obstacles else {}
        return ComparedTest(self.asked.test_type, [row] if newest else [], [], found, {})

    def _verdict(self) -> Verdict | None:
        baseline, other = (span.values() for span in self.spans)
        if not baseline or not other or self.obstacles:
            return None
        metric = self.asked.metric
        difference = between_spans.difference(baseline, other, metric.unit)
        return Verdict(difference, Method.SPANS, metric, unchanged=len(baseline) + len(other))

    @cached_property
    def summary(self) -> Summary:
        return summary.summary([self.test], self.names)

    @cached_property
    def facts(self) -> list[ColumnFact]:
        """What differs between the newest sessions of both spans."""
        if not all(span.sessions for span in self.spans):
            return []
        _, found = changes([span.sessions[-1] for span in self.spans])
        return [ColumnFact(change.name, (change.before, change.after)) for change in found]

    def methods(self) -> Iterator[str]:
        yield METHOD
        for title, span in zip(self.names.titles.values(), self.spans, strict=True):
            if span.left_out:
                yield (
                    f"{title}: {span.left_out} of the sessions in this span are left out, because they have another"
                    " host, other options, another digest of the model or other hardware than its newest."
                )


def compared(asked: Asked, spans: Sequence[tuple[datetime, datetime]], *, any_digest: bool) -> SpanComparison:
    """Return the comparison of two spans, the baseline first. Host and options are those of the newest session."""
    found = [answered(replace(asked, start=start, end=end)).found for start, end in spans]
    groups = [comparable_groups(sessions) for sessions in found]
    group = next((one for each in reversed(groups) for one in each), None)
    made = [
        _span(*span, sessions, each.get(group, []) if group else [])
        for span, sessions, each in zip(spans, found, groups, strict=True)
    ]
    return SpanComparison(asked, group, (made[0], made[1]), any_digest)


def _span(start: datetime, end: datetime, found: Sequence[HistoryEntry], group: Sequence[HistoryEntry]) -> Span:
    alike = [session for session in group if _is_alike(session, group[-1])]
    return Span(start, end, alike, len(found) - len(alike))


def _is_alike(session: HistoryEntry, newest: HistoryEntry) -> bool:
    same_machine = session.inventory is newest.inventory or not unlike_hardware(session.inventory, newest.inventory)
    return _digest(session) == _digest(newest) and same_machine


def _digest(session: HistoryEntry) -> str | None:
    digest: str | None = session.model.get("digest")
    return digest


def _cell(letter: str, span: Span, metric: Metric) -> ComparedCell:
    values = span.values()
    if not values:
        return ComparedCell(letter, "A", None, "no comparable session in this span")
    middle, bounds = between_spans.centre(values, metric.unit)
    return ComparedCell(letter, "A", {"value": middle, "unit": metric.unit, "n": len(values), "ci95": bounds})
