"""What the sampler's readings say of a test: labels and units."""

from dataclasses import dataclass
from typing import Literal

Measure = Literal[
    "cpu", "gpu", "ram", "vram", "gpuPower", "gpuTemperature", "cpuTemperature", "smClock", "cpuFrequency"
]
"""The name of a quantity in a phase of a run or of a test."""


@dataclass(frozen=True)
class ReadingType:
    """A quantity that readings contain, by its name in `phases` and `peaks` of a test's metrics."""

    name: Measure
    label: str
    unit: str


_DECLARED = (
    ReadingType("cpu", "CPU", "%"),
    ReadingType("gpu", "GPU", "%"),
    ReadingType("ram", "RAM of Ollama", "bytes"),
    ReadingType("vram", "VRAM of Ollama", "bytes"),
    ReadingType("gpuPower", "GPU power", "W"),
    ReadingType("gpuTemperature", "GPU temperature", "°C"),
    ReadingType("cpuTemperature", "CPU temperature", "°C"),
    ReadingType("smClock", "SM clock", "MHz"),
    ReadingType("cpuFrequency", "CPU frequency", "MHz"),
)

READINGS: dict[Measure, ReadingType] = {reading.name: reading for reading in _DECLARED}
