"""Retention: old runs, readings and log lines are deleted in the background, at most half of the time."""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from api.http.settings import settings
from common.store.changes import retention
from common.store.database import checkpoint
from common.values.units import now
from scheduler.duty import Duty

SESSIONS_AT_ONCE = 100
MIN_PAUSE_S = 0.02

logger = logging.getLogger(__name__)


def prune_old() -> None:
    """Prune all sessions that are older than RETENTION_DAYS."""
    days = settings().retention_days
    if days is None:
        return
    rows = list(prune(now() - timedelta(days=days)))
    if rows:
        logger.info("pruned %d sessions that ended more than %d days ago: %d rows", len(rows), days, sum(rows))


def prune(before: datetime) -> Iterator[int]:
    """Prune the sessions that ended before a time, and yield the number of rows that each had.

    After each step there is a pause as long as it took, so that others get their turn.
    """
    while ids := retention.due(before, SESSIONS_AT_ONCE):
        for session in ids:
            yield sum(_unhurried(retention.prune(session)))
        checkpoint()


def _unhurried(steps: Iterator[int]) -> Iterator[int]:
    started = time.monotonic()
    for step in steps:
        yield step
        time.sleep(max(MIN_PAUSE_S, time.monotonic() - started))
        started = time.monotonic()


DUTY = Duty("retention", 60, prune_old)
