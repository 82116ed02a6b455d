import os

import pynvml
import pytest

from sampler import gpu
from sampler.gpu.none import NoGpus
from sampler.gpu.nvidia import NvidiaGpus
from sampler.readings import Gpu

NOT_SUPPORTED, GPU_IS_LOST, DRIVER_NOT_LOADED = "3", "15", "9"
OLLAMA = os.getpid()
FIELD_OF = {
    "nvmlDeviceGetUtilizationRates": "utilization",
    "nvmlDeviceGetComputeRunningProcesses_v3": "memory_ollama",
    "nvmlDeviceGetPowerUsage": "power",
    "nvmlDeviceGetTotalEnergyConsumption": "energy",
    "nvmlDeviceGetTemperature": "temperature",
    "nvmlDeviceGetCurrentClocksThrottleReasons": "throttle",
    "nvmlDeviceGetProcessUtilization": "utilization_foreign",
}

pytestmark = pytest.mark.usefixtures("nvml")


def read(gpus: gpu.Gpus, ollama: int = OLLAMA) -> Gpu:
    (reading,) = gpus.read({ollama})
    return reading


def test_a_reading_has_every_field_in_our_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_PID", str(OLLAMA))
    assert read(gpu.find()) == Gpu(
        index=0,
        name="Stand-in 5000",
        utilization=87,
        memory_used=3 << 30,
        memory_total=8 << 30,
        memory_ollama=1 << 30,
        power=123.4,
        energy=5678.9,
        temperature=61,
        sm_clock=1980,
        memory_clock=2619,
        throttle=("power cap", "software thermal"),
        utilization_foreign=0,
    )


def test_the_inventory_names_model_driver_and_memory() -> None:
    assert gpu.find().inventory() == [{"model": "Stand-in 5000", "driver": "580.1", "memory": 8 << 30}]


@pytest.mark.parametrize(("call", "field"), FIELD_OF.items())
def test_what_is_not_supported_is_null_and_not_asked_again(
    call: str, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = 0.0
    gpus = NvidiaGpus(clock=lambda: time)
    whole = read(gpus)
    monkeypatch.setenv(call, NOT_SUPPORTED)
    time = 10
    without = read(gpus)
    monkeypatch.delenv(call)
    time = 20
    after = read(gpus)
    assert getattr(whole, field) is not None
    assert without == after
    assert {name for name in vars(whole) if getattr(whole, name) != getattr(without, name)} == {field}


def test_unified_memory_loses_its_size_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nvmlDeviceGetMemoryInfo", NOT_SUPPORTED)
    gpus = gpu.find()
    reading = read(gpus)
    assert (reading.memory_used, reading.memory_total, reading.utilization) == (None, None, 87)
    assert gpus.inventory()[0]["memory"] is None


def test_a_lost_gpu_reads_null_until_it_answers_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gpus = gpu.find()
    for call in (*FIELD_OF, "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetClockInfo"):
        monkeypatch.setenv(call, GPU_IS_LOST)
    lost, still_lost = read(gpus), read(gpus)
    logged = [record.getMessage() for record in caplog.records if "nvmlDeviceGetPowerUsage" in record.getMessage()]
    monkeypatch.delenv("nvmlDeviceGetPowerUsage")
    assert lost == still_lost
    assert {name for name, value in vars(lost).items() if value is not None} == {"index", "name"}
    assert logged == ["GPU 0: nvmlDeviceGetPowerUsage gives nothing: GPU is lost"]
    assert read(gpus).power == 123.4


def test_a_gpu_that_cannot_be_opened_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nvmlDeviceGetHandleByIndex_v2", GPU_IS_LOST)
    assert gpu.find().read(()) == ()


def test_a_driver_that_does_not_start_gives_the_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nvmlInitWithFlags", DRIVER_NOT_LOADED)
    assert isinstance(gpu.find(), NoGpus)


def test_no_library_gives_the_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", missing)
    twin = gpu.find()
    assert isinstance(twin, NoGpus)
    assert (twin.read({1}), twin.inventory()) == ((), [])
