"""Aggregates of the readings in a phase: the mean and peak of each measure, and the energy."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean
from typing import Literal

from common.catalogue.readings import Measure
from common.records.machine import EnergyRecord, Level, Observation, Peaks
from common.records.readings import GpuMeasure, ReadingRecord
from common.records.usage import across_gpus
from worker.machine.energy import MIN_READINGS, Energy, Source, energy_in
from worker.machine.readings import ReadingWindow, Window

Value = Callable[[ReadingRecord], float | None]


def _cpu_field(name: Literal["percent", "frequency", "temperature"]) -> Value:
    return lambda reading: reading["cpu"][name] if reading["cpu"] else None


def _ollama_memory(reading: ReadingRecord) -> float | None:
    return reading["ollama"]["memory"] if reading["ollama"] else None


def _gpu_field(name: GpuMeasure, combine_values: Callable[[list[float]], float]) -> Value:
    return lambda reading: across_gpus(reading, name, combine_values)


MEASURES: dict[Measure, Value] = {
    "cpu": _cpu_field("percent"),
    "gpu": _gpu_field("utilization", fmean),
    "ram": _ollama_memory,
    "vram": _gpu_field("memoryOllama", sum),
    "gpuPower": _gpu_field("power", sum),
    "gpuTemperature": _gpu_field("temperature", max),
    "smClock": _gpu_field("smClock", max),
    "cpuFrequency": _cpu_field("frequency"),
    "cpuTemperature": _cpu_field("temperature"),
}
"""Measures by name, in the units of the readings.

Of several GPUs, utilisation is averaged, memory and power are added up, and the highest temperature and clock count.
"""


def aggregate(readings: ReadingWindow, windows: Sequence[Window]) -> Observation:
    """Return the aggregates of a phase that took place in these windows, which must not overlap."""
    described = readings.describing(windows)
    known = described if len(described) >= MIN_READINGS else []
    levels = {name: _mean_and_peak(map(value, known)) for name, value in MEASURES.items()}
    duration = sum(end - start for start, end in windows)
    return _observation(len(described), duration, levels, energy_in(readings, windows))


def _observation(
    readings: int, duration: float, levels: Mapping[Measure, Level | None], energy: Energy | None
) -> Observation:
    return {
        "readings": readings,
        "duration": duration,
        "cpu": levels["cpu"],
        "gpu": levels["gpu"],
        "ram": levels["ram"],
        "vram": levels["vram"],
        "gpuPower": levels["gpuPower"],
        "gpuTemperature": levels["gpuTemperature"],
        "cpuTemperature": levels["cpuTemperature"],
        "smClock": levels["smClock"],
        "cpuFrequency": levels["cpuFrequency"],
        "energy": energy.record() if energy else None,
    }


def peaks(readings: Sequence[ReadingRecord]) -> Peaks:
    """Return the highest value of each measure, or None if no reading has one."""
    return {name: max(_known(map(measure, readings)), default=None) for name, measure in MEASURES.items()}


def combine_peaks(found: Iterable[Peaks]) -> Peaks:
    """Return the peaks over several windows."""
    windows = list(found)
    return {name: max(_known(window.get(name) for window in windows), default=None) for name in MEASURES}


def combine(found: Iterable[Observation]) -> Observation | None:
    """Return the aggregates of one phase over several runs, or None if the phase did not occur.

    Means are weighted by readings. Runs with too few readings in the phase are left out, unless all have too few.
    """
    phases = list(found)
    used = [phase for phase in phases if phase["readings"] >= MIN_READINGS] or phases
    if not used:
        return None
    levels = {name: _combine_measure(used, name) for name in MEASURES}
    energy = _combine_energy([phase["energy"] for phase in used if phase["energy"]])
    readings, duration = sum(phase["readings"] for phase in used), sum(phase["duration"] for phase in used)
    return _observation(readings, duration, levels, energy)


def stored_energy(phase: Observation | None) -> Energy | None:
    """Return the energy of a phase as it was before it was stored."""
    stored = phase["energy"] if phase else None
    return Energy(stored["gpu"], stored["cpu"], stored["source"], stored["duration"]) if stored else None


def weighted_mean(phases: Iterable[Observation], name: Measure) -> float | None:
    """Return the mean of a measure over several phases, weighted by their readings."""
    known = [(level["mean"], phase["readings"]) for phase in phases if (level := phase[name])]
    return fmean(*zip(*known, strict=True)) if known else None


def _mean_and_peak(values: Iterable[float | None]) -> Level | None:
    known = _known(values)
    return {"mean": fmean(known), "peak": max(known)} if known else None


def _combine_measure(phases: Sequence[Observation], name: Measure) -> Level | None:
    mean = weighted_mean(phases, name)
    peaks = [level["peak"] for phase in phases if (level := phase[name])]
    return None if mean is None else {"mean": mean, "peak": max(peaks)}


def _combine_energy(energies: Sequence[EnergyRecord]) -> Energy | None:
    """Return the sum over runs with known energy, of the devices that all of them know."""
    gpu, cpu = _sum([energy["gpu"] for energy in energies]), _sum([energy["cpu"] for energy in energies])
    if gpu is None and cpu is None:
        return None
    source: Source = "power" if any(energy["source"] == "power" for energy in energies) else "counter"
    return Energy(gpu, cpu, source, sum(energy["duration"] for energy in energies))


def _sum(values: Sequence[float | None]) -> float | None:
    known = _known(values)
    return sum(known) if known and len(known) == len(values) else None


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
