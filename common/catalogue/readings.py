"""What the sampler's readings say of a test: labels and units."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadingType:
    """A quantity that readings contain, by its name in `phases` and `peaks` of a test's metrics."""

    name: str
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

READINGS = {reading.name: reading for reading in _DECLARED}
