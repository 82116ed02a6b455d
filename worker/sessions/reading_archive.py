"""The readings of a session's host, copied from the stream that forgets them after an hour into the database.

What was copied last stands in the database alone: whoever takes a session up goes on from there, so nothing is stored
twice, and nothing is lost that the stream still holds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from redis import Redis

from common.messaging.redis import clock_ms
from common.messaging.unstored import stored_span, unstored
from common.store import claims, writes
from common.store.tables import Session

EVERY_S = 60
"""Between two runs the readings of the last minute are copied; that takes some hundredths of a second at most."""
LATEST_S = 1800
"""Within a run only when the stream would soon forget them: its requests are disturbed."""


@dataclass
class ReadingArchive:
    """`copied` is when the readings were copied last, by `clock`; whoever takes a session up copies what was left first
    of all.
    """

    redis: Redis
    claim: claims.Claim
    session: Session
    clock: Callable[[], float] = time.monotonic
    copied: float = -inf

    def between_runs(self) -> None:
        self._copy_after(EVERY_S)

    def within_run(self) -> None:
        self._copy_after(LATEST_S)

    def copy(self) -> None:
        """Store what the sampler has told until now.

        Raises:
            ClaimLost: when another worker has the session, or it has ended.
        """
        until = clock_ms(self.redis)
        _, stored = stored_span(self.session.id, until)
        for series in unstored(self.redis, self.session.host, stored, until):
            writes.save_series(self.claim, series)
        self.copied = self.clock()

    def _copy_after(self, seconds: float) -> None:
        if self.clock() - self.copied >= seconds:
            self.copy()
