"""Aggregates of the readings in a phase: the mean and peak of each measure, and the energy."""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

from common.free_json import Json
from common.records.machine import Peaks
from worker.machine.energy import MIN_READINGS, Energy, Source, energy_in
from worker.machine.readings import Reading, ReadingWindow, Window, across_gpus

Measure = Callable[[Reading], float | None]


def _field(device: str, name: str) -> Measure:
    return lambda reading: reading[device][name] if reading[device] else None


def _gpu_field(name: str, combine_values: Callable[[list[float]], float]) -> Measure:
    return lambda reading: across_gpus(reading, name, combine_values)


MEASURES: dict[str, Measure] = {
    "cpu": _field("cpu", "percent"),
    "gpu": _gpu_field("utilization", fmean),
    "ram": _field("ollama", "memory"),
    "vram": _gpu_field("memoryOllama", sum),
    "gpuPower": _gpu_field("power", sum),
    "gpuTemperature": _gpu_field("temperature", max),
    "smClock": _gpu_field("smClock", max),
    "cpuFrequency": _field("cpu", "frequency"),
    "cpuTemperature": _field("cpu", "temperature"),
}
"""Measures by name, in the units of the readings.

Of several GPUs, utilisation is averaged, memory and power are added up, and the highest temperature and clock count.
"""


def aggregate(readings: ReadingWindow, windows: Sequence[Window]) -> Json:
    """Return the aggregates of a phase that took place in these windows, which must not overlap.

    `{readings, duration (ms), cpu: {mean, peak}, …, energy: {value, gpu, cpu, source, duration}}`, unknown values None.
    """
    described = readings.describing(windows)
    known = described if len(described) >= MIN_READINGS else []
    energy = energy_in(readings, windows)
    return {
        "readings": len(described),
        "duration": sum(end - start for start, end in windows),
        **{name: _mean_and_peak(map(measure, known)) for name, measure in MEASURES.items()},
        "energy": energy and energy.describe(),
    }


def peaks(readings: Sequence[Reading]) -> Peaks:
    """Return the highest value of each measure, or None if no reading has one."""
    return {name: max(_known(map(measure, readings)), default=None) for name, measure in MEASURES.items()}


def combine_peaks(found: Iterable[Peaks]) -> Peaks:
    """Return the peaks over several windows."""
    windows = list(found)
    return {name: max(_known(window.get(name) for window in windows), default=None) for name in MEASURES}


def combine(found: Iterable[Json]) -> Json | None:
    """Return the aggregates of one phase over several runs, or None if the phase did not occur.

    Means are weighted by readings. Runs with too few readings in the phase are left out, unless all have too few.
    """
    phases = list(found)
    used = [phase for phase in phases if phase["readings"] >= MIN_READINGS] or phases
    if not used:
        return None
    return {
        "readings": sum(phase["readings"] for phase in used),
        "duration": sum(phase["duration"] for phase in used),
        **{name: _combine_measure(used, name) for name in MEASURES},
        "energy": _combine_energy([phase["energy"] for phase in used if phase["energy"]]),
    }


def stored_energy(phase: Json | None) -> Energy | None:
    """Return the energy of a phase as it was before it was stored."""
    stored = phase and phase["energy"]
    return Energy(**{name: value for name, value in stored.items() if name != "value"}) if stored else None


def weighted_mean(phases: Iterable[Json], name: str) -> float | None:
    """Return the mean of a measure over several phases, weighted by their readings."""
    known = [(phase[name]["mean"], phase["readings"]) for phase in phases if phase[name]]
    return fmean(*zip(*known, strict=True)) if known else None


def _mean_and_peak(values: Iterable[float | None]) -> Json | None:
    known = _known(values)
    return {"mean": fmean(known), "peak": max(known)} if known else None


def _combine_measure(phases: Sequence[Json], name: str) -> Json | None:
    peak = max((phase[name]["peak"] for phase in phases if phase[name]), default=None)
    return None if peak is None else {"mean": weighted_mean(phases, name), "peak": peak}


def _combine_energy(energies: Sequence[Json]) -> Json | None:
    """Return the sum over runs with known energy, of the devices that all of them know."""
    devices = {device: _sum([energy[device] for energy in energies]) for device in ("gpu", "cpu")}
    if all(joules is None for joules in devices.values()):
        return None
    source: Source = "power" if any(energy["source"] == "power" for energy in energies) else "counter"
    return Energy(**devices, source=source, duration=sum(energy["duration"] for energy in energies)).describe()


def _sum(values: Sequence[float | None]) -> float | None:
    known = _known(values)
    return sum(known) if known and len(known) == len(values) else None


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
