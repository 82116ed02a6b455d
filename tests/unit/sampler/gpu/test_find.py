"""The GPUs of machines with one vendor, several vendors or none."""

from collections.abc import Collection
from pathlib import Path

import pytest

from sampler import gpu
from sampler.gpu.gpus import CombinedGpus, NoGpus
from sampler.readings import GpuReading
from tests.support.machine.sysfs import card
from tests.unit.sampler.gpu.test_amd import radeon
from tests.unit.sampler.gpu.test_intel import arc


@pytest.mark.usefixtures("nvml")
def test_numbers_continue_across_vendors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_COUNT", "2")
    arc(tmp_path)
    radeon(tmp_path, 1)
    gpus = gpu.find(tmp_path)
    assert [(each.index, each.vendor) for each in gpus.read({1})] == [
        (0, "NVIDIA"),
        (1, "NVIDIA"),
        (2, "AMD"),
        (3, "Intel"),
    ]
    assert [each["vendor"] for each in gpus.inventory()] == ["NVIDIA", "NVIDIA", "AMD", "Intel"]
    assert "gpu 3 power" in gpus.missing()


def test_amd_gpus_alone_are_numbered_from_zero(tmp_path: Path) -> None:
    radeon(tmp_path, 1)
    gpus = gpu.find(tmp_path)
    assert [each.index for each in gpus.read(())] == [0]
    assert "gpu" not in gpus.missing()


def test_a_servers_console_graphics_are_no_gpu(tmp_path: Path) -> None:
    card(tmp_path, 0, "0x1a03", "ast", device="0x2000")
    assert isinstance(gpu.find(tmp_path), NoGpus)


def test_a_gpu_inside_the_processor_counts_only_without_another(tmp_path: Path) -> None:
    card(tmp_path, 0, "0x8086", "i915", device="0x46a6")
    assert [each.name for each in gpu.find(tmp_path).read(())] == ["Intel GPU 46a6"]
    radeon(tmp_path, 1)
    both = gpu.find(tmp_path)
    assert [each.name for each in both.read(())] == ["AMD GPU 744c"]
    assert "gpu Intel GPU 46a6" in both.missing()


class Broken(NoGpus):
    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        raise OSError(f"gone while reading for {ollama}")


class Working(NoGpus):
    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        return (GpuReading(len(ollama), "A"),)


def test_a_vendor_that_fails_loses_only_its_own_gpus(caplog: pytest.LogCaptureFixture) -> None:
    gpus = CombinedGpus([Broken(), Working()])
    assert [gpus.read({7}), gpus.read({7})] == [(GpuReading(1, "A"),)] * 2
    assert len(caplog.records) == 1
