from collections.abc import Collection
from pathlib import Path

import pytest

from sampler.gpu.gpus import NoGpus
from sampler.machine import Machine
from sampler.readings import GpuReading


class BrokenGpus(NoGpus):
    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        raise OSError(f"driver gone while reading for {ollama}")


def test_a_machine_without_gpus_or_sensors_reads_what_it_has(tmp_path: Path) -> None:
    (reading,) = Machine({"desk": None}, NoGpus(), root=tmp_path).read()
    assert reading.host == "desk"
    assert reading.cpu is not None
    assert reading.memory is not None
    assert 0 < reading.memory.used < reading.memory.total
    assert reading.gpus == ()
    assert reading.energy.package is None


def test_a_broken_source_loses_only_its_own_part(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine({"desk": None}, BrokenGpus())
    (first,), (second,) = machine.read(), machine.read()
    assert (first.gpus, second.gpus) == (None, None)
    assert second.cpu is not None
    assert second.memory is not None
    assert len([record for record in caplog.records if "gpu readings is unknown" in record.getMessage()]) == 1
