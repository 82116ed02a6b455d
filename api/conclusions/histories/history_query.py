"""What is asked of a history, and the sessions that answer it, for the page and for the route."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.conclusions.histories.comparable_sessions import comparable_groups
from api.conclusions.histories.history import History
from api.http.responses.errors import refuse_fields
from common.catalogue.metrics import METRICS, Metric
from common.catalogue.test_types import TEST_TYPES
from common.store.earlier import history as stored
from common.store.earlier.history import HistoryEntry

MAX_SESSIONS = 200
"""Maximum number of sessions of one answer, the newest of the window."""
FALLBACK = "tokensPerSecond"
"""The metric of a test type of another release."""

Group = tuple[str, str]
"""A host, and options as text."""


@dataclass(frozen=True)
class Asked:
    """One metric of one model under one test type. Without `host` and `options`, those of the newest session."""

    model: str
    test_type: str
    metric: Metric
    host: str | None = None
    options: str | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Answered:
    """The `history` of one `group`, None if there is none, and the numbers of sessions of the other groups.

    `found` are all sessions in the window, of which some have no value.
    """

    history: History
    group: Group | None
    others: Mapping[Group, int]
    without_value: int
    found: Sequence[HistoryEntry]

    @property
    def older(self) -> datetime | None:
        """The end of a window that continues with older sessions, None if there are none."""
        return self.found[0].at if len(self.found) == MAX_SESSIONS else None


def metric_of(test_type: str, name: str | None) -> Metric:
    """Return the metric of this name, or by default the headline metric of the test type."""
    known = TEST_TYPES.get(test_type)
    name = name or (known.headline if known else FALLBACK)
    if name not in METRICS:
        refuse_fields({"metric": [f"{name} is not a metric. Metrics: {', '.join(METRICS)}."]})
    return METRICS[name]


def answered(asked: Asked) -> Answered:
    """Return the sessions that are asked for, with what lasts in them."""
    found = stored.history(
        *(asked.model, asked.test_type, asked.metric.name),
        host=asked.host,
        start=asked.start,
        end=asked.end,
        limit=MAX_SESSIONS,
    )
    return grouped(asked, found)


def grouped(asked: Asked, found: Sequence[HistoryEntry]) -> Answered:
    """Return the group that is asked for of these sessions."""
    groups = comparable_groups(found)
    chosen = next((group for group in groups if asked.options in {None, group[1]}), None)
    return Answered(
        history=History(asked.model, asked.test_type, asked.metric, groups[chosen] if chosen else []),
        group=chosen,
        others={group: len(sessions) for group, sessions in groups.items() if group != chosen},
        without_value=len(found) - sum(map(len, groups.values())),
        found=found,
    )
