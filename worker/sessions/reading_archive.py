"""Copies of the host's readings from their stream, which keeps an hour or READINGS_BYTES, into the database.

The database alone says which readings were copied last. A worker that resumes a session continues from there, so that
nothing is stored twice and nothing is lost that the stream still holds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import structlog
from redis import Redis

from common.messaging.redis import clock_ms
from common.messaging.unstored_readings import lasting_s, stored_span, unstored
from common.store.changes import claims, writes
from common.store.tables import Session
from worker.sessions.interruptions import INTERRUPTIONS

logger = structlog.get_logger(__name__)

PERIOD_S = 60
"""Between two runs, copy when the last copy is older than this. A copy takes some hundredths of a second."""
PERIOD_WITHIN_RUN_S = 1800
"""Within a run, copy only before the stream drops readings, because copying disturbs the run's requests."""


@dataclass
class ReadingArchive:
    """The archive of one session's readings.

    `copied` is the time of the last copy by `clock`, in seconds. Within a run, the next one follows after
    `within_run_s`. A worker that resumes a session copies before its
    first run.
    """

    redis: Redis
    claim: claims.Claim
    session: Session
    clock: Callable[[], float] = time.monotonic
    copied: float = -inf
    within_run_s: float = PERIOD_WITHIN_RUN_S

    def between_runs(self) -> None:
        self._copy_after(PERIOD_S)

    def within_run(self) -> None:
        self._copy_after(self.within_run_s)

    def copy(self) -> None:
        """Store all readings that the sampler has published until now.

        Readings that cannot be stored are lost, and the session continues.

        Raises:
            ClaimLost: if another worker holds the session, or the session has ended.
        """
        self.copied = self.clock()
        try:
            self._copy()
        except INTERRUPTIONS:
            raise
        except Exception:  # readings of another shape must not end the session
            logger.exception("readings were not stored", session=self.session.id)

    def _copy(self) -> None:
        until = clock_ms(self.redis)
        _, stored = stored_span(self.session.id, until)
        for series in unstored(self.redis, self.session.host, stored, until):
            writes.save_series(self.claim, series)
        self.within_run_s = min(PERIOD_WITHIN_RUN_S, lasting_s(self.redis, self.session.host) / 2)

    def _copy_after(self, seconds: float) -> None:
        if self.clock() - self.copied >= seconds:
            self.copy()
