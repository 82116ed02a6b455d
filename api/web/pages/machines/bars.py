"""The memory that models need, as bars against the memory that the machine has. Lengths are percents of the drawing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.conclusions.machines.memory import Fit, Need
from api.conclusions.machines.memory_for_models import Room
from api.conclusions.machines.overview import ModelOnHost, Overview

MAX_BEYOND = 1.45
"""The drawing ends at most at this multiple of the memory, so that one huge model does not make all others short."""
NAMES = {
    Fit.FITS: "fits",
    Fit.TIGHT: "only just",
    Fit.SPLIT: "partly CPU",
    Fit.TOO_LARGE: "too large",
    None: "unknown",
}


@dataclass(frozen=True)
class BarPart:
    """A part of a bar. `kind` is `measured`, `weights` or `added`."""

    kind: str
    start: float
    width: float
    is_beyond: bool


@dataclass(frozen=True)
class MemoryBar:
    """The need of a model. `limit` is where the machine's memory ends; a bar that `is_cut` goes on."""

    model: ModelOnHost
    parts: Sequence[BarPart]
    limit: float
    is_cut: bool

    @property
    def fit(self) -> str:
        return NAMES[self.model.need.fit]


def bars(found: Overview) -> list[MemoryBar]:
    """Return a bar for each model; none if the machine's memory is unknown."""
    room = found.room.main
    if room is None:
        return []
    needs = [model.need.known or 0 for model in found.models]
    end = max(room * 1.05, min(max(needs, default=0), room * MAX_BEYOND))
    return [
        MemoryBar(model, list(_parts(model.need, found.room, end)), 100 * room / end, (model.need.known or 0) > end)
        for model in found.models
    ]


def _parts(need: Need, room: Room, end: float) -> Iterator[BarPart]:
    """Yield what was measured and what is computed, each divided at the end of the memory."""
    start, limit = 0.0, float(room.main or 0)
    for kind, size in (("measured", need.measured), ("weights", need.weights), ("added", need.added)):
        stop = min(start + (size or 0), end)
        for low, high, is_beyond in ((start, min(stop, limit), False), (max(start, limit), stop, True)):
            if high > low:
                yield BarPart(kind, round(100 * low / end, 2), round(100 * (high - low) / end, 2), is_beyond)
        start = stop
