"""Processes that use a GPU, on the fake driver: this process plays Ollama, and its parent another program."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import pynvml
import pytest

from sampler.gpu.gpus import CombinedGpus, NoGpus
from sampler.gpu.nvidia.nvidia_gpus import NvidiaGpus

OLLAMA, OTHER = os.getpid(), os.getppid()
MAX_PID = 2**22
"""No process of this test, whose parent may have the first number."""
NOT_SUPPORTED = "3"

pytestmark = pytest.mark.usefixtures("nvml")


@pytest.fixture
def ended() -> int:
    """Return the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def memory(*ollama: int) -> int | None:
    (reading,) = NvidiaGpus().read(ollama)
    return reading.memory_ollama


# Memory


def test_ollama_holds_no_memory_on_a_gpu_that_only_others_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_PID", str(OTHER))
    assert memory(OLLAMA) == 0


def test_memory_is_unknown_if_processes_have_foreign_ids(monkeypatch: pytest.MonkeyPatch, ended: int) -> None:
    monkeypatch.setenv("NVML_PID", str(ended))
    assert memory(OLLAMA) is None


def test_each_of_two_ollamas_has_its_own_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_PID", str(OTHER))
    gpus = CombinedGpus([NvidiaGpus(), NoGpus()])
    (first,) = gpus.read([OLLAMA])
    (second,) = gpus.attributed((first,), [OTHER])
    assert first.memory_ollama == 0
    assert second == replace(first, memory_ollama=memory(OTHER), utilization_foreign=second.utilization_foreign)
    assert second.memory_ollama == 1 << 30


def test_memory_is_unknown_without_ollama() -> None:
    assert memory() is None


# Load


class FakeGpu:
    """A GPU that is read once per second, with samples one second apart."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._now, self._stamp = 0.0, int(time.time() * 1e6)
        self._gpus = NvidiaGpus(clock=lambda: self._now)

    def foreign(self, *ollama: int) -> int | None:
        self._now += 1
        (reading,) = self._gpus.read(ollama)
        return reading.utilization_foreign

    def busy(self, *shares: tuple[int, int], stale: str = "") -> None:
        self._stamp += 1_000_000
        samples = [f"{pid}:{share}:{self._stamp}" for pid, share in shares]
        self._monkeypatch.setenv("NVML_BUSY", " ".join([*samples, stale]))


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> FakeGpu:
    return FakeGpu(monkeypatch)


def test_the_busiest_other_process_counts(card: FakeGpu) -> None:
    card.busy((OLLAMA, 70), (OTHER, 20), (MAX_PID, 5))
    assert card.foreign(OLLAMA) == 20


def test_ollama_alone_gives_no_foreign_load(card: FakeGpu) -> None:
    card.busy((OLLAMA, 70))
    assert card.foreign(OLLAMA) == 0


def test_a_sample_is_not_reported_twice(card: FakeGpu) -> None:
    card.busy((OTHER, 20))
    assert [card.foreign(OLLAMA), card.foreign(OLLAMA)] == [20, 0]
    card.busy((OTHER, 30))
    assert card.foreign(OLLAMA) == 30


def test_stale_samples_are_ignored(card: FakeGpu, ended: int) -> None:
    card.busy((OTHER, 20), (ended, 4_000_000_000), stale="0:0:0")
    assert card.foreign(OLLAMA) == 20


def test_no_sample_means_no_load_for_any_code_of_the_driver(
    card: FakeGpu, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert card.foreign(OLLAMA) == 0

    def empty(*_: object) -> None:
        raise pynvml.NVMLError(pynvml.NVML_SUCCESS)  # as pynvml does if the first call succeeds without samples

    monkeypatch.setattr(pynvml, "nvmlDeviceGetProcessUtilization", empty)
    assert card.foreign(OLLAMA) == 0
    assert caplog.records == []


def test_load_is_unknown_if_processes_have_foreign_ids(card: FakeGpu, ended: int) -> None:
    card.busy((ended, 20))
    assert card.foreign(OLLAMA) is None


def test_one_id_of_ollama_makes_the_list_trusted(card: FakeGpu, ended: int) -> None:
    """The list may contain a process that has ended since its sample was taken."""
    card.busy((OLLAMA, 50), (ended, 20))
    assert card.foreign(OLLAMA) == 20


def test_load_is_unknown_without_ollama(card: FakeGpu) -> None:
    card.busy((OTHER, 20))
    assert card.foreign() is None


def test_load_is_unknown_if_the_card_does_not_report_it(card: FakeGpu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nvmlDeviceGetProcessUtilization", NOT_SUPPORTED)
    assert card.foreign(OLLAMA) is None
