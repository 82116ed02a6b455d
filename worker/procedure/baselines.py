"""The idle machine before a test, and with the model in its memory: recorded, and stored with the test."""

from dataclasses import dataclass

from common.records.machine import BaselineRecord
from common.store.reads import sessions
from worker.machine.energy import Energy
from worker.machine.idle_baseline import Baseline
from worker.machine.monitor import MachineMonitor
from worker.ollama.client import Driver
from worker.procedure.progress import TestProgress
from worker.workload.retry import retry


@dataclass
class Baselines:
    """The baselines of one test. A resumed test keeps those that it has."""

    driver: Driver
    progress: TestProgress
    monitor: MachineMonitor

    def record(self) -> None:
        """Record the machine as the test finds it, and find the session's baseline without a model in memory."""
        stored = self.progress.test.baseline
        idle = self.monitor.record_baseline(self.progress.log, Baseline.from_stored(stored) if stored else None)
        if idle and not stored:
            stored = {**idle.record(), "models": self._in_memory()}
            self.progress.save_baseline(stored)
        self.monitor.empty = _energy(sessions.empty_baseline(self.progress.test.session_id))

    def _in_memory(self) -> list[str]:
        loaded = retry(self.driver.memory.loaded, self.progress.log)
        return sorted(model.name for model in loaded)

    def record_loaded(self) -> None:
        """Record the machine with the model in memory, unless the test found it so, or the energy is unknown."""
        stored = self.progress.test.baseline
        if stored is None or self.monitor.idle_energy is None:
            return
        found_loaded = stored if stored.get("models") == [self.progress.test.model] else stored.get("loaded")
        self.monitor.loaded = _energy(found_loaded or self._record_beside(stored))

    def _record_beside(self, stored: BaselineRecord) -> BaselineRecord | None:
        loaded = self.driver.is_loaded(self.progress.test.model) and self.monitor.record_idle(self.progress.log)
        if not loaded:
            return None
        self.progress.save_baseline({**stored, "loaded": loaded.record()})
        return loaded.record()


def _energy(stored: BaselineRecord | None) -> Energy | None:
    return Baseline.from_stored(stored).energy if stored else None
