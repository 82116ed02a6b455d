"""Energy of a window: the difference of a counter, else the integral of the power over ten seconds or more.

Units are joules, ms and watts. Both are interpolated linearly between two readings. When a run ends, no reading has
followed yet, so a window may reach a little beyond the last one. There a counter is extrapolated and the power stays as
it was.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

import numpy as np

from common.records.machine import EnergyRecord
from common.records.readings import GpuRecord
from common.records.runs import Metrics
from worker.machine.readings import ReadingWindow, Window

Source = Literal["counter", "power"]
Sample = tuple[float, float]
"""Time in ms, and value."""
GpuKey = tuple[str | None, str | None, int]
Evaluate = Callable[[Sequence[Sample], Window, float | None], float | None]
"""Returns the value of samples in a window, or None if it is unknown; the last argument is their usual period."""

MIN_READINGS = 2
"""Readings that a window must hold: with fewer, its values would mostly describe the time around it."""
EDGE_PERIODS = 3
"""Periods that a window may reach beyond the samples."""
GAP_PERIODS = 10
"""Maximum gap between samples, in periods. A busy machine delays readings by less than this.

In a longer gap the sampler was away, and the counter may have been reset.
"""
MIN_POWER_MS = 10_000
"""Shortest time whose energy a power shows. GPUs report a mean over up to a second, which smears short phases."""
MS_PER_S = 1000.0


@dataclass(frozen=True)
class Energy:
    """Joules in `duration` ms, of the GPUs' boards and of the CPU packages. Unknown values are None."""

    gpu: float | None
    cpu: float | None
    source: Source
    duration: float

    @property
    def value(self) -> float:
        """The sum of what is known, in joules."""
        return (self.gpu or 0.0) + (self.cpu or 0.0)

    @property
    def power(self) -> float:
        """The mean power in watts."""
        return self.value * MS_PER_S / self.duration

    def record(self) -> EnergyRecord:
        """Return the energy as it is stored."""
        return {
            "value": self.value,
            "gpu": self.gpu,
            "cpu": self.cpu,
            "source": self.source,
            "duration": self.duration,
        }


def energy_in(readings: ReadingWindow, windows: Sequence[Window]) -> Energy | None:
    """Return the energy in windows that do not overlap.

    None if no device reports energy or power, or if too few readings lie in the windows.
    """
    if len(readings.describing(windows)) < MIN_READINGS:
        return None
    gpu, source = _gpu_energy(readings, windows)
    cpu = sum_over(windows, _package_samples(readings), counter_increase)
    if gpu is None and cpu is None:
        return None
    return Energy(gpu, cpu, source if gpu is not None else "counter", sum(end - start for start, end in windows))


def _package_samples(readings: ReadingWindow) -> list[Sample]:
    samples = [(timed.at, timed.reading["energy"]["package"]) for timed in readings.timed]
    return _counting([(at, joules) for at, joules in samples if joules is not None])


def _counting(samples: list[Sample]) -> list[Sample]:
    """Return the samples of a counter, or none if it stands still, as it may in a virtual machine."""
    return samples if len({joules for _, joules in samples}) > 1 else []


def _gpu_energy(readings: ReadingWindow, windows: Sequence[Window]) -> tuple[float | None, Source]:
    """Return the energy of all GPUs that report energy or power. One in the processor usually reports neither.

    From a power it is None for less than MIN_POWER_MS.
    """
    found: list[float | None] = []
    source: Source = "counter"
    is_long = sum(end - start for start, end in windows) >= MIN_POWER_MS
    for key in {_key(gpu) for timed in readings.timed for gpu in timed.reading["gpus"] or ()}:
        joules, watts = _counting(_gpu_samples(readings, key, "energy")), _gpu_samples(readings, key, "power")
        if joules:
            found.append(sum_over(windows, joules, counter_increase))
        elif watts:
            found.append(sum_over(windows, watts, integral) if is_long else None)
            source = "power"
    known = [value for value in found if value is not None]
    return sum(known) if known and len(known) == len(found) else None, source


def _gpu_samples(readings: ReadingWindow, key: GpuKey, name: Literal["energy", "power"]) -> list[Sample]:
    gpus = [(timed.at, gpu) for timed in readings.timed for gpu in timed.reading["gpus"] or () if _key(gpu) == key]
    return [(at, value) for at, gpu in gpus if (value := gpu[name]) is not None]


def _key(gpu: GpuRecord) -> GpuKey:
    """Return what identifies a GPU. Each vendor's library numbers its own GPUs from 0."""
    return gpu.get("vendor"), gpu["name"], gpu["index"]


def per_token(found: Energy | None, empty: Energy | None, loaded: Energy | None, tokens: float | None) -> Metrics:
    """Return the energy per token, in total and above that of the idle machine.

    The idle machine is known without a model (`empty`) and with the model in its memory (`loaded`).
    """
    return {
        "energyPerToken": found.value / tokens if found and tokens else None,
        "energyPerTokenAboveIdle": _above(found, empty, tokens),
        "energyPerTokenAboveLoaded": _above(found, loaded, tokens),
    }


def _above(found: Energy | None, idle: Energy | None, tokens: float | None) -> float | None:
    """Return the energy per token above the idle machine's, if both are of the same devices."""
    if found is None or idle is None or not tokens:
        return None
    alike = (idle.gpu is None, idle.cpu is None) == (found.gpu is None, found.cpu is None)
    return (found.value - idle.power * found.duration / MS_PER_S) / tokens if alike else None


def sum_over(windows: Sequence[Window], samples: Sequence[Sample], evaluate: Evaluate) -> float | None:
    """Return the sum over all windows, or None if the value of one is unknown."""
    period = _period(samples)
    values = [evaluate(samples, window, period) for window in windows]
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def counter_increase(samples: Sequence[Sample], window: Window, period: float | None = None) -> float | None:
    """Return the increase of a counter, or None if it decreased, because then it was reset."""
    around = _around(samples, window, period)
    if around is None or any(later < earlier for (_, earlier), (_, later) in pairwise(around)):
        return None
    start, end = window
    return _interpolate(around[-2], around[-1], end) - _interpolate(around[0], around[1], start)


def integral(samples: Sequence[Sample], window: Window, period: float | None = None) -> float | None:
    """Return the joules of a power in watts, by the trapezoidal rule."""
    around = _around(samples, window, period)
    if around is None:
        return None
    start, end = window
    inner = [at for at, _ in around if start < at < end]
    at = np.array([start, *inner, end])
    return float(np.trapezoid(np.interp(at, *np.array(around).T), at)) / MS_PER_S


def _interpolate(one: Sample, other: Sample, at: float) -> float:
    return one[1] + (other[1] - one[1]) * (at - one[0]) / (other[0] - one[0])


def _period(samples: Sequence[Sample]) -> float | None:
    """Return the usual time from one sample to the next, None for fewer than two."""
    return median(later - earlier for (earlier, _), (later, _) in pairwise(samples)) if len(samples) > 1 else None


def _near(samples: Sequence[Sample], window: Window) -> Sequence[Sample]:
    """Return the samples from the last before the window to the first after it: at least two, if there are two."""
    start, end = window
    first = max(0, min(bisect_right(samples, start, key=_time) - 1, len(samples) - 2))
    return samples[first : max(first + 2, bisect_left(samples, end, key=_time) + 1)]


def _time(sample: Sample) -> float:
    return sample[0]


def _around(samples: Sequence[Sample], window: Window, period: float | None) -> Sequence[Sample] | None:
    """Return the samples around the window, or None if they do not cover it.

    `period` is the usual time between them, by default that of the `samples`.
    """
    if len(samples) < MIN_READINGS:
        return None
    start, end = window
    found, period = _near(samples, window), period or _period(samples) or 0.0
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(found)]
    beyond = max(found[0][0] - start, end - found[-1][0])
    return found if beyond <= EDGE_PERIODS * period and max(gaps) <= GAP_PERIODS * period else None
