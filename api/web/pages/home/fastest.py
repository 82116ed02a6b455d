"""The models that write fastest, each on the machine where it does."""

from collections.abc import Hashable

from api.conclusions.histories.history_query import metric_of
from api.conclusions.leaderboard.board import Entry, Wanted, board
from api.conclusions.machines.overview import SPEED
from api.web.pages.layout import resource
from common.store.earlier.results_version import results_version

MAX_FASTEST = 5


@resource.app_template_global()
def fastest_version() -> Hashable:
    """Return the version of the results that `fastest` looks at."""
    return results_version([SPEED])


@resource.app_template_global()
def fastest() -> list[Entry]:
    """Return the results of the models that write fastest, each where it is fastest."""
    entries: dict[str, Entry] = {}
    for entry in board(Wanted(SPEED, metric_of(SPEED, None))).entries:
        entries.setdefault(entry.result.test.model, entry)
    ranked = sorted(entries.values(), key=lambda entry: -(entry.statistic["value"] or 0.0))
    return ranked[:MAX_FASTEST]
