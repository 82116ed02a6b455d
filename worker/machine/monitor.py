"""Monitor of the machine under test: its idle baseline, its clock, and its sampler's readings."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from redis import Redis

from common.messaging.redis import clock_ms
from common.records.usage import NO_USAGE, Usage, usage
from worker.machine import clock_offset, idle_baseline, readings
from worker.machine.clock_offset import Offset
from worker.machine.energy import Energy
from worker.machine.idle_baseline import Baseline
from worker.machine.readings import ReadingWindow

SCAN_DELAY_MS = 3000
"""The sampler scans for new processes every two seconds. Until then the model's own runner would seem foreign."""


@dataclass
class MachineMonitor:
    """The monitor of one host's machine.

    `idle_s` is the duration of an idle baseline in seconds, and `idle` the one before the test. `empty` and `loaded`
    are the energy of the idle machine without a model in memory and with the model under test, None if unknown.
    From `attributable_from` (ms of Redis's clock) the sampler knows the processes of the model under test.
    """

    redis: Redis
    host: str
    idle_s: float
    idle: Baseline | None = None
    empty: Energy | None = None
    loaded: Energy | None = None
    attributable_from: int = 0

    def now(self) -> int:
        """Return the time in milliseconds on the clock of the readings."""
        return clock_ms(self.redis)

    def offset(self) -> Offset:
        """Return the offset between the clock of the readings and the clock of the requests."""
        return clock_offset.measure(self.redis)

    def record_baseline(self, log: Callable[[str], None], earlier: Baseline | None) -> Baseline | None:
        """Record the idle machine, or use the `earlier` baseline of a resumed test."""
        self.idle = earlier or self.record_idle(log)
        self.expect_runner()
        return self.idle

    def expect_runner(self) -> None:
        """Attribute load to other programs only when the sampler knows a runner that has just started."""
        self.attributable_from = self.now() + SCAN_DELAY_MS

    def record_idle(self, log: Callable[[str], None]) -> Baseline | None:
        """Record the machine while it is idle."""
        return idle_baseline.record(self.redis, self.host, self.idle_s, log)

    @property
    def idle_usage(self) -> Usage:
        """The usage of the idle machine, with no readings if no baseline was recorded."""
        return self.idle.usage if self.idle else NO_USAGE

    @property
    def idle_energy(self) -> Energy | None:
        """The energy of the idle machine, if known."""
        return self.idle.energy if self.idle else None

    def readings(self, start_ms: int, end_ms: int) -> ReadingWindow:
        """Return the readings around a window."""
        return readings.read(self.redis, self.host, start_ms, end_ms)

    def usage(self, window: ReadingWindow, start_ms: int, end_ms: int, *, warm: bool) -> Usage:
        """Return the usage in a window.

        Foreign usage is unknown while the sampler may not know the model's runner: after the start of a runner, and in
        a run that starts the runner itself.
        """
        attributable = usage(window.within(max(start_ms, self.attributable_from), end_ms)) if warm else NO_USAGE
        found = usage(window.within(start_ms, end_ms))
        return replace(found, foreign=attributable.foreign, foreign_gpu=attributable.foreign_gpu)
