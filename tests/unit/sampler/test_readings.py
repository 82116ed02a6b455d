import json
from typing import get_type_hints

from common.records.readings import (
    BatteryRecord,
    CpuRecord,
    GpuRecord,
    MemoryRecord,
    OllamaRecord,
    PackageRecord,
    ProcessRecord,
    ReadingRecord,
)
from sampler.readings import (
    BatteryReading,
    CpuReading,
    EnergyReading,
    GpuReading,
    MemoryReading,
    OllamaReading,
    ProcessUsage,
    Reading,
)

READING = Reading(
    host="desk",
    cpu=CpuReading(percent=50, per_core=(100, 0), frequency=3600, temperature=None),
    memory=MemoryReading(total=4, used=1, available=3, swap_used=0),
    ollama=OllamaReading(processes=2, cpu=None, memory=1),
    gpus=(
        GpuReading(
            index=0,
            name="A",
            utilization=1,
            memory_used=2,
            memory_total=3,
            memory_ollama=None,
            power=4.5,
            energy=6.5,
            temperature=7,
            sm_clock=8,
            memory_clock=9,
            throttle=("power cap",),
            utilization_foreign=10,
            memory_temperature=11,
            pcie_generation=4,
            pcie_width=16,
            vendor="NVIDIA",
        ),
    ),
    energy=EnergyReading(package=None),
    battery=BatteryReading(plugged=False, percent=81.5),
    busiest=(ProcessUsage(name="cc1", cpu=33.3),),
)


def test_a_message_has_these_names() -> None:
    assert json.loads(json.dumps(READING.message())) == {
        "host": "desk",
        "cpu": {"percent": 50, "perCore": [100, 0], "frequency": 3600, "temperature": None},
        "memory": {"total": 4, "used": 1, "available": 3, "swapUsed": 0},
        "ollama": {"processes": 2, "cpu": None, "memory": 1},
        "gpus": [
            {
                "index": 0,
                "name": "A",
                "utilization": 1,
                "memoryUsed": 2,
                "memoryTotal": 3,
                "memoryOllama": None,
                "power": 4.5,
                "energy": 6.5,
                "temperature": 7,
                "smClock": 8,
                "memoryClock": 9,
                "throttle": ["power cap"],
                "utilizationForeign": 10,
                "memoryTemperature": 11,
                "pcieGeneration": 4,
                "pcieWidth": 16,
                "vendor": "NVIDIA",
            }
        ],
        "energy": {"package": None},
        "battery": {"plugged": False, "percent": 81.5},
        "busiest": [{"name": "cc1", "cpu": 33.3}],
    }


def test_readers_know_each_name_of_a_message() -> None:
    message = json.loads(json.dumps(READING.message()))
    assert get_type_hints(ReadingRecord).keys() == message.keys()
    for name, record in (
        ("cpu", CpuRecord),
        ("memory", MemoryRecord),
        ("ollama", OllamaRecord),
        ("energy", PackageRecord),
        ("battery", BatteryRecord),
    ):
        assert get_type_hints(record).keys() == message[name].keys(), name
    assert get_type_hints(GpuRecord).keys() == message["gpus"][0].keys()
    assert get_type_hints(ProcessRecord).keys() == message["busiest"][0].keys()
