"""A reading as the sampler publishes it. `sampler/readings.py` makes it and explains each value; None is unknown."""

from typing import Literal, TypedDict


class CpuRecord(TypedDict):
    """Percent of the whole machine, and of each core; MHz; °C."""

    percent: float | None
    perCore: list[float | None] | None
    frequency: float | None
    temperature: float | None


class MemoryRecord(TypedDict):
    """Bytes."""

    total: int
    used: int
    available: int
    swapUsed: int | None


class OllamaRecord(TypedDict):
    """All processes of Ollama: percent of the machine's CPU, and bytes."""

    processes: int
    cpu: float | None
    memory: int


class GpuRecord(TypedDict):
    """One GPU: percent, bytes, watts, joules, °C and MHz."""

    index: int
    name: str | None
    utilization: int | None
    memoryUsed: int | None
    memoryTotal: int | None
    memoryOllama: int | None
    power: float | None
    energy: float | None
    temperature: float | None
    smClock: int | None
    memoryClock: int | None
    throttle: list[str] | None
    utilizationForeign: int | None
    memoryTemperature: float | None
    pcieGeneration: int | None
    pcieWidth: int | None
    vendor: str | None


GpuMeasure = Literal[
    "utilization",
    "memoryUsed",
    "memoryTotal",
    "memoryOllama",
    "power",
    "energy",
    "temperature",
    "smClock",
    "memoryClock",
    "utilizationForeign",
    "memoryTemperature",
]
"""The numbers of a GPU's record that are combined over all GPUs."""


class PackageRecord(TypedDict):
    """Joules of all CPU packages since the sampler started, or since the counter was reset."""

    package: float | None


class BatteryRecord(TypedDict):
    """Percent of charge."""

    plugged: bool | None
    percent: float | None


class ProcessRecord(TypedDict):
    """All processes of one name: percent of the machine's CPU."""

    name: str
    cpu: float


class ReadingRecord(TypedDict):
    """One reading of a host's machine."""

    host: str
    cpu: CpuRecord | None
    memory: MemoryRecord | None
    ollama: OllamaRecord | None
    gpus: list[GpuRecord] | None
    energy: PackageRecord
    battery: BatteryRecord | None
    busiest: list[ProcessRecord] | None
