"""The sampler on the machine under test, as witness of what the machine did while something was measured there."""

from dataclasses import dataclass, replace

from redis import Redis

from common.redis import clock_ms
from worker import telemetry
from worker.telemetry import Usage


@dataclass
class Witness:
    """`seen_from` (ms of Redis's clock) is when the sampler is sure to see the processes of the model under test."""

    redis: Redis
    host: str
    seen_from: int = 0

    def now(self) -> int:
        """Milliseconds on the clock that the readings are on."""
        return clock_ms(self.redis)

    def quiet(self) -> Usage:
        """What the machine does before anything is asked of it."""
        found = telemetry.quiet(self.redis, self.host)
        self.seen_from = self.now() + telemetry.UNSEEN_MS
        return found

    def usage(self, start_ms: int, end_ms: int, *, warm: bool) -> Usage:
        """What it did in a window. What is foreign is unknown while the model's runner may not yet be seen: at the
        beginning, and in a run that starts a runner of its own.
        """
        found = telemetry.usage(self.redis, self.host, start_ms, end_ms)
        return found if warm and start_ms >= self.seen_from else replace(found, foreign=None, foreign_gpu=None)
