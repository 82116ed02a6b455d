"""Timelines of readings, as a sampler would have taken them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from sampler.readings import Cpu, Energy, Gpu, Ollama, Reading
from worker.machine.readings import TimedReading, Timeline

NOTHING = Reading("h", None, None, None, None, Energy(None))
CARD = Gpu(0, "G", None, None, None, None, None, None, None, None, None, None)


def card(index: int = 0, **known: Any) -> Gpu:
    return replace(CARD, index=index, **known)


def taken(
    *gpus: Gpu,
    cpu: float | None = None,
    frequency: float | None = None,
    memory: int | None = None,
    package: float | None = None,
) -> Reading:
    return replace(
        NOTHING,
        cpu=None if cpu is None else Cpu(cpu, (cpu,), frequency, None),
        ollama=None if memory is None else Ollama(1, None, memory),
        gpus=gpus,
        energy=Energy(package),
    )


def timeline(readings: Sequence[Reading], times: Sequence[int] | None = None) -> Timeline:
    """At 0, 100, 200, … ms unless said otherwise."""
    ats = times or [100 * number for number in range(len(readings))]
    told = [reading.message() for reading in readings]
    first = TimedReading(ats[0], ats[0], told[0])
    return Timeline(
        (first, *(TimedReading(since, at, one) for (since, at), one in zip(pairwise(ats), told[1:], strict=True)))
    )
