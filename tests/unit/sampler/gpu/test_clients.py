"""Who uses a GPU, on the stand-in: this process is Ollama, its parent is somebody else."""

import os
import subprocess
import sys
import time

import pynvml
import pytest

from sampler.gpu.nvidia import NvidiaGpus

OLLAMA, OTHER = os.getpid(), os.getppid()
NOT_SUPPORTED = "3"

pytestmark = pytest.mark.usefixtures("nvml")


@pytest.fixture
def ended() -> int:
    """The id of no process."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def memory(*ollama: int) -> int | None:
    (reading,) = NvidiaGpus().read(ollama)
    return reading.memory_ollama


# Memory


def test_ollama_holds_nothing_of_a_gpu_that_others_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_PID", str(OTHER))
    assert memory(OLLAMA) == 0


def test_memory_is_unknown_where_processes_have_other_ids(monkeypatch: pytest.MonkeyPatch, ended: int) -> None:
    monkeypatch.setenv("NVML_PID", str(ended))
    assert memory(OLLAMA) is None


def test_memory_is_unknown_where_ollama_is_not_seen() -> None:
    assert memory() is None


# Use


class Gpu:
    """Reads once a second; samples are a second apart, from the next one on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._now, self._stamp = 0.0, int(time.time() * 1e6)
        self._gpus = NvidiaGpus(clock=lambda: self._now)

    def foreign(self, *ollama: int) -> int | None:
        self._now += 1
        (reading,) = self._gpus.read(ollama)
        return reading.utilization_foreign

    def busy(self, *shares: tuple[int, int], remains: str = "") -> None:
        self._stamp += 1_000_000
        told = [f"{pid}:{share}:{self._stamp}" for pid, share in shares]
        self._monkeypatch.setenv("NVML_BUSY", " ".join([*told, remains]))


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Gpu:
    return Gpu(monkeypatch)


def test_the_busiest_of_the_others_counts(card: Gpu) -> None:
    card.busy((OLLAMA, 70), (OTHER, 20), (1, 5))
    assert card.foreign(OLLAMA) == 20


def test_ollama_alone_leaves_nothing_foreign(card: Gpu) -> None:
    card.busy((OLLAMA, 70))
    assert card.foreign(OLLAMA) == 0


def test_what_was_told_is_not_told_again(card: Gpu) -> None:
    card.busy((OTHER, 20))
    assert [card.foreign(OLLAMA), card.foreign(OLLAMA)] == [20, 0]
    card.busy((OTHER, 30))
    assert card.foreign(OLLAMA) == 30


def test_what_some_drivers_leave_in_the_answer_is_no_use(card: Gpu, ended: int) -> None:
    card.busy((OTHER, 20), (ended, 4_000_000_000), remains="0:0:0")
    assert card.foreign(OLLAMA) == 20


def test_no_sample_is_no_use_by_whatever_code_the_driver_says_so(
    card: Gpu, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert card.foreign(OLLAMA) == 0

    def empty(*_: object) -> None:
        raise pynvml.NVMLError(pynvml.NVML_SUCCESS)  # as pynvml does where the first call succeeds with nothing

    monkeypatch.setattr(pynvml, "nvmlDeviceGetProcessUtilization", empty)
    assert card.foreign(OLLAMA) == 0
    assert caplog.records == []


def test_use_is_unknown_where_processes_have_other_ids(card: Gpu, ended: int) -> None:
    card.busy((ended, 20))
    assert card.foreign(OLLAMA) is None


def test_one_id_of_ollamas_makes_the_others_certain(card: Gpu, ended: int) -> None:
    """One that has ended since its sample was taken among them."""
    card.busy((OLLAMA, 50), (ended, 20))
    assert card.foreign(OLLAMA) == 20


def test_use_is_unknown_where_ollama_is_not_seen(card: Gpu) -> None:
    card.busy((OTHER, 20))
    assert card.foreign() is None


def test_use_is_unknown_where_the_card_does_not_tell_it(card: Gpu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nvmlDeviceGetProcessUtilization", NOT_SUPPORTED)
    assert card.foreign(OLLAMA) is None
