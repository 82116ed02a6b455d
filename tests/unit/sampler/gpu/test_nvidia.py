import os

import pynvml
import pytest

from sampler import gpu
from sampler.gpu.gpus import NoGpus
from sampler.gpu.nvidia.nvidia_gpus import NvidiaGpus
from sampler.readings import GpuReading

NOT_SUPPORTED, NO_PERMISSION, DRIVER_NOT_LOADED, GPU_IS_LOST = "3", "4", "9", "15"
OLLAMA = os.getpid()
FIELD_OF = {
    "nvmlDeviceGetUtilizationRates": "utilization",
    "nvmlDeviceGetComputeRunningProcesses_v3": "memory_ollama",
    "nvmlDeviceGetPowerUsage": "power",
    "nvmlDeviceGetTotalEnergyConsumption": "energy",
    "nvmlDeviceGetTemperature": "temperature",
    "nvmlDeviceGetCurrentClocksThrottleReasons": "throttle",
    "nvmlDeviceGetProcessUtilization": "utilization_foreign",
    "nvmlDeviceGetFieldValues": "memory_temperature",
    "nvmlDeviceGetCurrPcieLinkGeneration": "pcie_generation",
    "nvmlDeviceGetCurrPcieLinkWidth": "pcie_width",
}

pytestmark = pytest.mark.usefixtures("nvml")


def read(gpus: gpu.Gpus, ollama: int = OLLAMA) -> GpuReading:
    (reading,) = gpus.read({ollama})
    return reading


def test_a_reading_has_every_field_in_the_documented_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_PID", str(OLLAMA))
    assert read(gpu.find()) == GpuReading(
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
        memory_temperature=72,
        pcie_generation=5,
        pcie_width=16,
        vendor="NVIDIA",
    )


def test_the_inventory_names_model_driver_and_memory() -> None:
    (known,) = gpu.find().inventory()
    assert known == {
        "model": "Stand-in 5000",
        "driver": "580.1",
        "memory": 8 << 30,
        "shared": 0,
        "vendor": "NVIDIA",
        "instances": [],
    }


@pytest.mark.parametrize(("call", "field"), FIELD_OF.items())
def test_an_unsupported_call_gives_null_and_is_not_repeated(
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


def test_unified_memory_loses_only_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nvmlDeviceGetMemoryInfo", NOT_SUPPORTED)
    gpus = gpu.find()
    reading = read(gpus)
    assert (reading.memory_used, reading.memory_total, reading.utilization) == (None, None, 87)
    assert gpus.inventory()[0]["memory"] is None


def test_a_lost_gpu_reads_null_until_it_answers_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    time = 0.0
    gpus = NvidiaGpus(clock=lambda: time)
    for call in (*FIELD_OF, "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetClockInfo"):
        monkeypatch.setenv(call, GPU_IS_LOST)
    lost, still_lost = read(gpus), read(gpus)
    logged = [record.getMessage() for record in caplog.records if "nvmlDeviceGetPowerUsage" in record.getMessage()]
    monkeypatch.delenv("nvmlDeviceGetPowerUsage")
    assert lost == still_lost
    assert {name for name, value in vars(lost).items() if value is not None} == {"index", "name", "vendor"}
    assert logged == ["gpu 0 nvmlDeviceGetPowerUsage is unknown: GPU is lost"]
    assert read(gpus).power == 123.4


def test_a_gpu_that_cannot_be_opened_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nvmlDeviceGetHandleByIndex_v2", GPU_IS_LOST)
    assert gpu.find().read(()) == ()
    assert gpu.find().missing()["gpu 0"] == "GPU is lost"


def test_a_driver_that_does_not_start_gives_no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nvmlInitWithFlags", DRIVER_NOT_LOADED)
    assert isinstance(gpu.find(), NoGpus)


def test_a_missing_library_gives_no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", missing)
    gpus = gpu.find()
    assert isinstance(gpus, NoGpus)
    assert (gpus.read({1}), gpus.inventory()) == ((), [])
    assert "no NVIDIA driver" in gpus.missing()["gpu"]


def test_a_gpu_lost_during_a_run_reads_null_and_the_other_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_COUNT", "2")
    gpus = NvidiaGpus()
    whole = gpus.read({OLLAMA})
    monkeypatch.setenv("NVML_LOST", "1:3")  # in the middle of a reading
    during, after, missing = gpus.read({OLLAMA}), gpus.read({OLLAMA}), gpus.missing()
    monkeypatch.delenv("NVML_LOST")
    assert [reading.index for reading in whole] == [0, 1]
    assert during[0] == after[0] == whole[0]
    assert (during[1].power, during[1].temperature) == (123.4, None)
    assert (after[1].utilization, after[1].memory_used, after[1].power) == (None, None, None)
    assert gpus.read({OLLAMA}) == whole
    assert missing["gpu 1 nvmlDeviceGetPowerUsage"] == "GPU is lost"
    assert not [name for name in missing if name.startswith("gpu 0")]
    assert gpus.missing() == {}


def test_a_partitioned_gpu_lists_its_instances_and_has_no_utilization(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_MIG", "2")
    gpus = NvidiaGpus()
    reading, (inventory,) = read(gpus), gpus.inventory()
    assert (reading.utilization, reading.power, reading.memory_total) == (None, 123.4, 8 << 30)
    assert inventory["instances"] == [{"model": "Stand-in 5000 MIG 1g.2gb", "memory": 2 << 30}] * 2
    assert gpus.missing() == {}


@pytest.mark.usefixtures("old_nvml")
def test_a_driver_without_the_newer_functions_reports_the_rest() -> None:
    gpus = NvidiaGpus()
    reading = read(gpus)
    assert (reading.utilization, reading.power, reading.pcie_width) == (87, 123.4, 16)
    assert (reading.memory_temperature, reading.utilization_foreign) == (None, None)
    assert gpus.missing()["gpu 0 nvmlDeviceGetFieldValues"] == "Function Not Found"


def test_a_forbidden_value_is_null_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nvmlDeviceGetProcessUtilization", NO_PERMISSION)
    gpus = NvidiaGpus()
    assert read(gpus).utilization_foreign is None
    assert gpus.missing() == {"gpu 0 nvmlDeviceGetProcessUtilization": "Insufficient Permissions"}


@pytest.mark.parametrize(("variable", "value"), [("NVML_MEMORY_CODE", NOT_SUPPORTED), ("NVML_MEMORY_TEMPERATURE", "0")])
def test_memory_without_a_sensor_has_no_temperature(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    assert read(NvidiaGpus()).memory_temperature is None
