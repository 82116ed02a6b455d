"""Each call of NVML fails in turn, from the start and later, and reports what no GPU has."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from sampler.gpu.nvidia.nvidia_gpus import NvidiaGpus
from sampler.gpu.watch import WatchedGpus
from sampler.readings import GpuReading
from tests.support.machine.nvml import SOURCE

CALLS = re.findall(r"^int (nvmlDevice\w+|nvmlSystem\w+)\(", SOURCE.read_text(), re.MULTILINE)
UNINITIALIZED, NOT_SUPPORTED, NO_PERMISSION, NOT_LOADED, LOST, RESET_REQUIRED, MISMATCH, UNLISTED = (
    *(1, 3, 4, 9, 15, 16, 18),
    1234,
)
CODES = (UNINITIALIZED, NOT_SUPPORTED, NO_PERMISSION, NOT_LOADED, LOST, RESET_REQUIRED, MISMATCH, 999, UNLISTED)
OLLAMA = {1}

pytestmark = pytest.mark.usefixtures("nvml")


def known(reading: GpuReading) -> dict[str, object]:
    return {name: value for name, value in vars(reading).items() if value is not None}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_fails_loses_only_its_own_values_and_says_why(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in CODES:
        assert_only_its_own_values_are_lost(call, code, tmp_path, monkeypatch)


def assert_only_its_own_values_are_lost(call: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    later = WatchedGpus(tmp_path, lambda: now)
    (whole,) = later.read(OLLAMA)
    monkeypatch.setenv(call, str(code))
    now = 100.0
    started = WatchedGpus(tmp_path, lambda: now)
    for gpus in (started, later):
        found = gpus.read(OLLAMA)
        inventory = gpus.inventory()
        lost = [name for reading in found for name in known(whole) if name not in known(reading)]
        assert not (lost or not found or any(gpu["driver"] is None for gpu in inventory)) or gpus.missing(), code
        assert all(known(reading).items() <= known(whole).items() for reading in found), code
        assert len(lost) <= 3, code
    monkeypatch.delenv(call)
    if code not in {NOT_SUPPORTED, NO_PERMISSION}:
        now = 200.0
        assert [gpus.renew() for gpus in (started, later)][1] is False
        assert started.read(OLLAMA) == later.read(OLLAMA) == (whole,)


@pytest.mark.parametrize("value", [2**64 - 1, 2**32 - 1, 4_000_000_000])
def test_placeholders_are_unknown_with_a_reason(value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVML_VALUE", str(value))
    gpus = NvidiaGpus()
    (reading,) = gpus.read(OLLAMA)
    measured = known(reading).keys() - {"index", "name", "vendor", "memory_ollama", "utilization_foreign"}
    assert measured <= {"memory_used", "memory_total", "energy", "throttle"}  # 4 GB and 4 MJ are possible
    assert gpus.missing()["gpu 0 temperature"] == f"the driver reports {min(value, 2**32 - 1):g}"


@pytest.mark.parametrize(
    ("environment", "field", "reason"),
    [
        ({"NVML_VALUE": "0"}, "power", "the driver reports 0"),
        ({"NVML_VALUE": "255"}, "temperature", "the driver reports 255"),
        ({"NVML_VALUE": str(2**64 - 1)}, "memory_total", "the driver reports 1.84467e+19"),
        ({"NVML_VALUE": str(2**64 - 1)}, "throttle", "the driver reports 0xffffffffffffffff"),
        ({"NVML_NAME": "G\udcff"}, "name", "'utf-8' codec can't decode byte 0xff"),
    ],
)
def test_an_impossible_value_is_unknown_with_a_reason(
    environment: Mapping[str, str], field: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    gpus = NvidiaGpus()
    (reading,) = gpus.read(OLLAMA)
    assert getattr(reading, field) is None
    assert any(said.startswith(reason) for said in gpus.missing().values())


def test_a_driver_that_is_loaded_later_is_found_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nvmlInitWithFlags", str(NOT_LOADED))
    gpus = WatchedGpus(tmp_path)
    assert (gpus.read(OLLAMA), gpus.hidden()) == ((), {"NVIDIA"})
    assert gpus.missing()["NVIDIA"] == "Driver Not Loaded"
    monkeypatch.delenv("nvmlInitWithFlags")
    assert gpus.renew()
    assert [reading.name for reading in gpus.read(OLLAMA)] == ["Stand-in 5000"]
    assert gpus.missing() == {}
