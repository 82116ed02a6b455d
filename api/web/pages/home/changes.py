"""What changed since last week: lasting slowdowns that began, those that are over, and what is still open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.conclusions.histories.groups import options_text
from api.conclusions.histories.stored_regressions import described
from api.web.pages.charts.sparkline import Sparkline, sparkline
from api.web.pages.layout import resource
from common.store.alerts import regressions
from common.store.alerts.tables import EndReason, Regression
from common.store.earlier.trend import newest_values
from common.store.reads.lists.pages import Page
from common.values.free_json import Json
from common.values.units import joined, now, text

MAX_READ = 100
MAX_LINES = 4
TREND = 24
"""Sessions of a trend."""


@dataclass(frozen=True)
class Change:
    """Regressions of one cause, such as those of all models on a machine since a day. `first` is the largest.

    `described` is the first one as the API gives it.
    """

    first: Regression
    described: Json
    models: int
    size: str
    began: datetime
    trend: Sparkline | None

    @property
    def mark(self) -> str:
        return "▼" if self.described["change"] < 0 else "▲"


@dataclass(frozen=True)
class Changes:
    """What began and ended since a day, and what began before and is still open. `hidden` counts open ones beyond."""

    since: datetime
    began: Sequence[Change]
    recovered: Sequence[Regression]
    before: Sequence[Change]
    hidden: int


@resource.app_template_global()
def changes() -> Changes:
    """Return what changed since last week, at most a few lines of it."""
    since = _last_week(now())
    found, total = regressions.listed(regressions.RegressionFilter(), Page(1, MAX_READ))
    groups = sorted(_groups(found), key=_began, reverse=True)
    shown = groups[:MAX_LINES]
    over = regressions.over_since(since, EndReason.RECOVERED, MAX_LINES - 1)
    return Changes(
        since,
        [_change(group) for group in shown if _began(group) >= since],
        over,
        [_change(group) for group in shown if _began(group) < since],
        total - sum(map(len, shown)),
    )


def _last_week(at: datetime) -> datetime:
    """Return the beginning of last week, on Monday."""
    return datetime.combine((at - timedelta(days=at.weekday() + 7)).date(), datetime.min.time())


def _groups(found: Iterable[Regression]) -> Iterable[list[Regression]]:
    """Return regressions of one machine, test type and metric together: drifts, and steps at one session."""
    groups: dict[tuple[str, ...], list[Regression]] = {}
    for each in found:
        cause = "" if each.record["drifts"] else each.first
        groups.setdefault((each.host, each.test_type, each.metric, cause), []).append(each)
    return groups.values()


def _began(group: Sequence[Regression]) -> datetime:
    return min(each.first_at for each in group)


def _change(group: Sequence[Regression]) -> Change:
    first = max(group, key=lambda each: abs(each.record["change"]))
    known = described(first)
    values = newest_values(first.model, first.test_type, first.host, first.metric, TREND)
    alike = [value for options, value in values if options_text(options) == first.options]
    return Change(first, known, len(group), _size(group, known["change_unit"]), _began(group), sparkline(alike))


def _size(group: Sequence[Regression], unit: str) -> str:
    """Return the size of the changes without its sign, such as `10.4 %` or `4.6 % to 5.1 %`."""
    sizes = sorted(abs(each.record["change"]) for each in group)
    return joined(text(sizes[0], unit), text(sizes[-1], unit))
