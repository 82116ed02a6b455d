"""The energy of a window: the difference of a counter, or else the integral of the power; joules, ms and watts.

Between two readings both a counter and a power are taken to move in a straight line. A window may reach a little beyond
the last reading, since none has come after it when a run ends: there the counter goes on as it did, the power stays.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Literal

import numpy as np

from common.records.runs import Metrics
from worker.machine.readings import Reading, Timeline, Window

Source = Literal["counter", "power"]
Sample = tuple[float, float]
"""When, in ms, and what."""
Card = tuple[str | None, str | None, int]
Known = Callable[[Sequence[Sample], Window], float | None]

TWO = 2
"""Fewer readings within a window say more of what was around it, and no figure is given."""
EDGE_PERIODS = 3
GAP_PERIODS = 10
"""A busy machine delays readings; in a longer gap the sampler was away, and may have begun to count anew."""
MS_PER_S = 1000.0


@dataclass(frozen=True)
class Energy:
    """Joules in `duration` ms: those of the GPUs' boards and of the CPU packages, each None where it is not known."""

    gpu: float | None
    cpu: float | None
    source: Source
    duration: float

    @property
    def value(self) -> float:
        """Of what is known."""
        return (self.gpu or 0.0) + (self.cpu or 0.0)

    @property
    def power(self) -> float:
        """The mean, in watts."""
        return self.value * MS_PER_S / self.duration

    def describe(self) -> dict[str, Any]:
        return {"value": self.value, **asdict(self)}


def spent(timeline: Timeline, windows: Sequence[Window]) -> Energy | None:
    """In the windows, which do not overlap; None where nothing tells, or fewer than two readings lie within."""
    if len(timeline.describing(windows)) < TWO:
        return None
    gpu, source = _of_gpus(timeline, windows)
    cpu = over(windows, _package(timeline), counted)
    if gpu is None and cpu is None:
        return None
    return Energy(gpu, cpu, source if gpu is not None else "counter", sum(end - start for start, end in windows))


def _package(timeline: Timeline) -> list[Sample]:
    told = [(beat.at, beat.reading["energy"]["package"]) for beat in timeline.beats]
    return [(at, joules) for at, joules in told if joules is not None]


def _of_gpus(timeline: Timeline, windows: Sequence[Window]) -> tuple[float | None, Source]:
    """Of all that tell; one that tells neither energy nor power, as a processor's own, is left out."""
    found: list[float | None] = []
    source: Source = "counter"
    for card in {_card(gpu) for beat in timeline.beats for gpu in beat.reading["gpus"] or ()}:
        joules, watts = (_of_card(timeline, card, name) for name in ("energy", "power"))
        if joules:
            found.append(over(windows, joules, counted))
        elif watts:
            found.append(over(windows, watts, integral))
            source = "power"
    known = [value for value in found if value is not None]
    return sum(known) if known and len(known) == len(found) else None, source


def _of_card(timeline: Timeline, card: Card, name: str) -> list[Sample]:
    gpus = [(beat.at, gpu) for beat in timeline.beats for gpu in beat.reading["gpus"] or () if _card(gpu) == card]
    return [(at, gpu[name]) for at, gpu in gpus if gpu[name] is not None]


def _card(gpu: Reading) -> Card:
    """Each maker's library numbers its own."""
    return gpu.get("vendor"), gpu["name"], gpu["index"]


def per_token(found: Energy | None, idle: Energy | None, tokens: int) -> Metrics:
    """What a token took, whole and beyond what the machine takes anyway, both of the same devices."""
    if found is None or not tokens:
        return {"energyPerToken": None, "energyPerTokenAboveIdle": None}
    alike = idle is not None and (idle.gpu is None, idle.cpu is None) == (found.gpu is None, found.cpu is None)
    above = found.value - idle.power * found.duration / MS_PER_S if idle and alike else None
    return {
        "energyPerToken": found.value / tokens,
        "energyPerTokenAboveIdle": None if above is None else above / tokens,
    }


def over(windows: Sequence[Window], samples: Sequence[Sample], known: Known) -> float | None:
    """The sum over all windows; None where one of them is not known."""
    found = [known(samples, window) for window in windows]
    told = [value for value in found if value is not None]
    return sum(told) if told and len(told) == len(found) else None


def counted(samples: Sequence[Sample], window: Window) -> float | None:
    """By how much a counter rose; None where it went back, which it does when it begins anew."""
    around = _around(samples, window)
    if around is None or any(later < earlier for (_, earlier), (_, later) in pairwise(around)):
        return None
    start, end = window
    return _on_line(around[-2], around[-1], end) - _on_line(around[0], around[1], start)


def integral(samples: Sequence[Sample], window: Window) -> float | None:
    """Joules of a power in watts, by the trapezoid rule."""
    around = _around(samples, window)
    if around is None:
        return None
    start, end = window
    inner = [at for at, _ in around if start < at < end]
    at = np.array([start, *inner, end])
    return float(np.trapezoid(np.interp(at, *np.array(around).T), at)) / MS_PER_S


def _on_line(one: Sample, other: Sample, at: float) -> float:
    return one[1] + (other[1] - one[1]) * (at - one[0]) / (other[0] - one[0])


def _around(samples: Sequence[Sample], window: Window) -> Sequence[Sample] | None:
    """From the last sample before the window to the first after it, two at least; None where they do not cover it."""
    if len(samples) < TWO:
        return None
    start, end = window
    times = [at for at, _ in samples]
    period = median(later - earlier for earlier, later in pairwise(times))
    first = max(0, min(bisect_right(times, start) - 1, len(times) - TWO))
    last = max(first + 1, min(bisect_left(times, end), len(times) - 1))
    found = samples[first : last + 1]
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(found)]
    beyond = max(found[0][0] - start, end - found[-1][0])
    return found if beyond <= EDGE_PERIODS * period and max(gaps) <= GAP_PERIODS * period else None
