"""What changed since last week, as lines with a trend: a few of each kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from api.conclusions.histories.comparable_sessions import options_text
from api.conclusions.histories.stored_regressions import described
from api.conclusions.machines.recent_changes import Group, recent_changes
from api.web.pages.charts.sparkline import Sparkline, sparkline
from api.web.pages.layout import resource
from common.store.alerts.tables import Regression
from common.store.earlier.newest.keys import Measured
from common.store.earlier.newest.trend import newest_values
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
    shown = iter(_changes([*slower, *faster, *before]))
    return Changes(
        found.since,
        list(islice(shown, len(slower))),
        list(islice(shown, len(faster))),
        found.over[:MAX_OVER],
        list(shown),
        found.unread + known - sum(group.models for group in (*slower, *faster, *before)),
    )


def _changes(groups: Sequence[Group]) -> list[Change]:
    """Return the changes with their trends, which are read at once."""
    firsts = [group.first for group in groups]
    wanted = [(Measured(first.test_type, first.model, first.host), first.metric) for first in firsts]
    return [_change(*each) for each in zip(groups, newest_values(wanted, TREND), strict=True)]


def _change(group: Group, values: Sequence[tuple[Json, float]]) -> Change:
    alike = [value for options, value in values if options_text(options) == group.first.options]
    return Change(group, described(group.first), sparkline(alike))
