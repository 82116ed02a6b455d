"""What stands above the sessions: what each machine does, what became worse, and what is fastest."""

from collections.abc import Sequence
from dataclasses import dataclass

from redis.exceptions import RedisError

from api.histories.asked import metric_of
from api.histories.leaderboard import Entry, Wanted, board
from api.histories.stored_regressions import described
from api.routes.machines import hosts
from api.web.pages.layout import resource
from api.web.pages.models.table import SPEED
from common.free_json import Json
from common.store.alerts import regressions
from common.store.reads.lists.pages import Page

MAX_CHANGES = 4
MAX_FASTEST = 5


@dataclass(frozen=True)
class Changes:
    """The newest open regressions, and how many there are in all."""

    newest: Sequence[Json]
    total: int


@resource.app_template_global()
def machines_at_a_glance() -> list[Json] | None:
    """Return what each host does, None without Redis."""
    try:
        return hosts.known()
    except RedisError:
        return None


@resource.app_template_global()
def changes() -> Changes:
    """Return what became worse for good, and is not better again."""
    found, total = regressions.listed(regressions.RegressionFilter(), Page(1, MAX_CHANGES))
    return Changes([described(each) for each in found], total)


@resource.app_template_global()
def fastest() -> list[Entry]:
    """Return the results of the models that write fastest, each where it is fastest."""
    entries: dict[str, Entry] = {}
    for entry in board(Wanted(SPEED, metric_of(SPEED, None))).entries:
        entries.setdefault(entry.result.test.model, entry)
    ranked = sorted(entries.values(), key=lambda entry: -(entry.statistic["value"] or 0.0))
    return ranked[:MAX_FASTEST]
