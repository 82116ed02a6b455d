"""What changed since last week, as lines with a trend: a few of each kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.conclusions.histories.comparable_sessions import options_text
from api.conclusions.histories.stored_regressions import described
from api.conclusions.machines.recent_changes import Group, recent_changes
from api.web.pages.charts.sparkline import Sparkline, sparkline
from api.web.pages.layout import resource
from common.store.alerts.tables import Regression
from common.store.earlier.trend import newest_values
from common.values.free_json import Json

MAX_SLOWER, MAX_FASTER, MAX_OVER = 4, 3, 3
"""Lines of each kind."""
TREND = 24
"""Sessions of a trend."""


@dataclass(frozen=True)
class Change:
    """Changes of one cause. `described` is the largest as the API gives it."""

    group: Group
    described: Json
    trend: Sparkline | None

    @property
    def mark(self) -> str:
        return "▼" if self.described["change"] < 0 else "▲"


@dataclass(frozen=True)
class Changes:
    """What became slower or faster since a day, what is over, and what became slower before and is still open.

    `hidden` is how many lasting changes have no line.
    """

    since: datetime
    slower: Sequence[Change]
    faster: Sequence[Change]
    over: Sequence[Regression]
    before: Sequence[Change]
    hidden: int


@resource.app_template_global()
def changes() -> Changes:
    """Return what changed since last week, at most a few lines of it."""
    found = recent_changes()
    slower, faster = found.slower[:MAX_SLOWER], found.faster[:MAX_FASTER]
    before = found.before[: MAX_SLOWER - len(slower)]
    known = sum(group.models for group in (*found.slower, *found.faster, *found.before))
    return Changes(
        found.since,
        [_change(group) for group in slower],
        [_change(group) for group in faster],
        found.over[:MAX_OVER],
        [_change(group) for group in before],
        found.unread + known - sum(group.models for group in (*slower, *faster, *before)),
    )


def _change(group: Group) -> Change:
    first = group.first
    values = newest_values(first.model, first.test_type, first.host, first.metric, TREND)
    alike = [value for options, value in values if options_text(options) == first.options]
    return Change(group, described(first), sparkline(alike))
