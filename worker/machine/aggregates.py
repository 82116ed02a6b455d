"""What the readings tell of a phase: of each measure its mean and its peak, and the energy."""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

from common.free_json import Json
from common.records.machine import Peaks
from worker.machine.energy import TWO, Energy, Source, spent
from worker.machine.readings import Reading, Timeline, Window, of_gpus

Measure = Callable[[Reading], float | None]


def _of(point_runs: str, name: str) -> Measure:
    return lambda reading: reading[point_runs][name] if reading[point_runs] else None


def _of_gpus(name: str, over: Callable[[list[float]], float]) -> Measure:
    return lambda reading: of_gpus(reading, name, over)


MEASURES: dict[str, Measure] = {
    "cpu": _of("cpu", "percent"),
    "gpu": _of_gpus("utilization", fmean),
    "ram": _of("ollama", "memory"),
    "vram": _of_gpus("memoryOllama", sum),
    "gpuPower": _of_gpus("power", sum),
    "gpuTemperature": _of_gpus("temperature", max),
    "smClock": _of_gpus("smClock", max),
    "cpuFrequency": _of("cpu", "frequency"),
    "cpuTemperature": _of("cpu", "temperature"),
}
"""Units are the readings'. Of several GPUs: use is averaged, memory and power are added up, the warmest and the fastest
one count.
"""


def observe(timeline: Timeline, windows: Sequence[Window]) -> Json:
    """What a phase was like that took the time of these windows, which do not overlap:
    `{readings, duration (ms), cpu: {mean, peak}, …, energy: {value, gpu, cpu, source, duration}}`, None where unknown.
    """
    readings = timeline.describing(windows)
    known = readings if len(readings) >= TWO else []
    energy = spent(timeline, windows)
    return {
        "readings": len(readings),
        "duration": sum(end - start for start, end in windows),
        **{name: _spread(map(measure, known)) for name, measure in MEASURES.items()},
        "energy": energy and energy.describe(),
    }


def peaks(readings: Sequence[Reading]) -> Peaks:
    """The highest of each measure; None where no reading tells."""
    return {name: max(_told(map(measure, readings)), default=None) for name, measure in MEASURES.items()}


def highest(found: Iterable[Peaks]) -> Peaks:
    """The peaks of several windows."""
    all_of_them = list(found)
    return {name: max(_told(one.get(name) for one in all_of_them), default=None) for name in MEASURES}


def joined(found: Iterable[Json]) -> Json | None:
    """Over several runs: those in which the phase had the readings that a figure needs, or all where it never had; the
    means are weighted by readings. None where the phase did not occur.
    """
    every = list(found)
    told = [one for one in every if one["readings"] >= TWO] or every
    if not told:
        return None
    return {
        "readings": sum(one["readings"] for one in told),
        "duration": sum(one["duration"] for one in told),
        **{name: _joined_spread(told, name) for name in MEASURES},
        "energy": _joined_energy([one["energy"] for one in told if one["energy"]]),
    }


def energy_of(observed: Json | None) -> Energy | None:
    """As it was before it was stored."""
    stored = observed and observed["energy"]
    return Energy(**{name: value for name, value in stored.items() if name != "value"}) if stored else None


def mean_of(found: Iterable[Json], name: str) -> float | None:
    """A measure over several phases, weighted by their readings."""
    told = [(one[name]["mean"], one["readings"]) for one in found if one[name]]
    return fmean(*zip(*told, strict=True)) if told else None


def _spread(values: Iterable[float | None]) -> Json | None:
    known = _told(values)
    return {"mean": fmean(known), "peak": max(known)} if known else None


def _joined_spread(told: Sequence[Json], name: str) -> Json | None:
    peak = max((one[name]["peak"] for one in told if one[name]), default=None)
    return None if peak is None else {"mean": mean_of(told, name), "peak": peak}


def _joined_energy(told: Sequence[Json]) -> Json | None:
    """The sum over the runs that know it, of the devices that all of them know; `duration` is theirs."""
    measured_points = {device: _sum([one[device] for one in told]) for device in ("gpu", "cpu")}
    if all(joules is None for joules in measured_points.values()):
        return None
    source: Source = "power" if any(one["source"] == "power" for one in told) else "counter"
    return Energy(**measured_points, source=source, duration=sum(one["duration"] for one in told)).describe()


def _sum(values: Sequence[float | None]) -> float | None:
    known = _told(values)
    return sum(known) if known and len(known) == len(values) else None


def _told(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
