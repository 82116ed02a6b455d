"""What changed since last week: lasting changes that began, those that are over, and slowdowns that are still open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.conclusions.comparisons.evaluation.verdicts import SPEEDS
from api.conclusions.comparisons.words.sentences import size_text
from common.catalogue.metrics import METRICS
from common.stats.comparing.comparison import Outcome
from common.store.alerts import regressions
from common.store.alerts.regressions import RegressionFilter
from common.store.alerts.tables import EndReason, Regression
from common.store.reads.lists.pages import Page
from common.values.units import joined, now

MAX_READ = 100


@dataclass(frozen=True)
class Group:
    """Changes of one cause, such as those of all models on a machine since a day."""

    members: Sequence[Regression]

    @property
    def first(self) -> Regression:
        """The largest."""
        return max(self.members, key=lambda each: abs(each.record["change"]))

    @property
    def began(self) -> datetime:
        return min(each.first_at for each in self.members)

    @property
    def models(self) -> int:
        return len(self.members)

    @property
    def subject(self) -> str:
        """What changed, such as `decode of 16 models`."""
        whose = self.first.model if self.models == 1 else f"{self.models} models"
        return f"{self.first.test_type} of {whose}"

    @property
    def size(self) -> str:
        """The size of the changes without its sign, such as `10.4 %` or `4.6 % to 5.1 %`."""
        record = self.first.record
        sizes = [
            size_text(each.record["change"], record["unit"], relative=record["relative"])
            for each in sorted(self.members, key=lambda each: abs(each.record["change"]))
        ]
        return joined(sizes[0], sizes[-1])

    @property
    def outcome(self) -> str:
        """What the changes are in one word, such as `slower`."""
        found = Outcome(self.first.outcome)
        return SPEEDS[found] if METRICS[self.first.metric].is_speed else found


@dataclass(frozen=True)
class RecentChanges:
    """What began and ended since a day, and the slowdowns from before that are still open. The newest come first.

    A step that ended a slowdown is not an improvement too. `unread` counts slowdowns beyond those that were read.
    """

    since: datetime
    slower: Sequence[Group]
    faster: Sequence[Group]
    over: Sequence[Regression]
    before: Sequence[Group]
    unread: int


def recent_changes(host: str | None = None) -> RecentChanges:
    """Return what changed since last week, on one host or on all."""
    since = _last_week(now())
    worse, total = _read(RegressionFilter(host=host))
    better, _ = _read(RegressionFilter(Outcome.BETTER, host=host, since=since))
    ended_since = regressions.over_since(since, EndReason.RECOVERED, MAX_READ)
    over = [each for each in ended_since if host in (None, each.host)]
    ended = {(each.model, each.test_type, each.over_session) for each in over}
    groups = _groups(worse)
    return RecentChanges(
        since,
        [group for group in groups if group.began >= since],
        _groups(each for each in better if (each.model, each.test_type, each.seen) not in ended),
        over,
        [group for group in groups if group.began < since],
        total - len(worse),
    )


def _read(wanted: RegressionFilter) -> tuple[list[Regression], int]:
    return regressions.listed(wanted, Page(1, MAX_READ))


def _last_week(at: datetime) -> datetime:
    """Return the beginning of last week, on Monday."""
    return datetime.combine((at - timedelta(days=at.weekday() + 7)).date(), datetime.min.time())


def _groups(found: Iterable[Regression]) -> list[Group]:
    """Return changes of one machine, test type and metric together: drifts, and steps at one session."""
    groups: dict[tuple[str, ...], list[Regression]] = {}
    for each in found:
        cause = "" if each.record["drifts"] else each.first
        groups.setdefault((each.host, each.test_type, each.metric, cause), []).append(each)
    return sorted(map(Group, groups.values()), key=lambda group: group.began, reverse=True)
