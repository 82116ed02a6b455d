"""The sampler on the machine under test, as witness of what the machine did while something was measured there."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from redis import Redis

from common.messaging.redis import clock_ms
from worker.machine import clock_offset, idle_baseline, readings
from worker.machine.clock_offset import Offset
from worker.machine.idle_baseline import Baseline
from worker.machine.readings import Timeline
from worker.machine.usage import NOTHING, Usage, usage

UNSEEN_MS = 3000
"""The sampler looks for new processes every two seconds; until then a model's own runner would seem foreign."""


@dataclass
class MachineMonitor:
    """`idle_s` is for how long it looks at the idle machine before a test, and `idle` what it saw there. `seen_from`
    (ms of Redis's clock) is when the sampler is sure to see the processes of the model under test.
    """

    redis: Redis
    host: str
    idle_s: float
    idle: Baseline | None = None
    seen_from: int = 0

    def now(self) -> int:
        """Milliseconds on the clock that the readings are on."""
        return clock_ms(self.redis)

    def offset(self) -> Offset:
        """How that clock stands to the one that requests are stamped with."""
        return clock_offset.offset(self.redis)

    def record_baseline(self, log: Callable[[str], None], earlier: Baseline | None) -> Baseline | None:
        """What the machine does before anything is asked of it; `earlier` is what was seen already."""
        self.idle = earlier or idle_baseline.take(self.redis, self.host, self.idle_s, log)
        self.seen_from = self.now() + UNSEEN_MS
        return self.idle

    @property
    def quiet(self) -> Usage:
        return self.idle.usage if self.idle else NOTHING

    def readings(self, start_ms: int, end_ms: int) -> Timeline:
        return readings.read(self.redis, self.host, start_ms, end_ms)

    def usage(self, seen: Timeline, start_ms: int, end_ms: int, *, warm: bool) -> Usage:
        """What it did in a window. What is foreign is unknown while the model's runner may not yet be seen: at the
        beginning, and in a run that starts a runner of its own.
        """
        found = usage(seen.taken(start_ms, end_ms))
        return found if warm and start_ms >= self.seen_from else replace(found, foreign=None, foreign_gpu=None)
