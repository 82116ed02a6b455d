"""The phases of a session as a chart can show them: as they are while they are few, else what each part was most of."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from common.records.machine import RunPhase

Kind = tuple[str, str, str]
"""What phases are joined by: the phase, the model and the test type."""


def joined(phases: Sequence[RunPhase], window: tuple[float, float], most: int) -> Sequence[RunPhase]:
    """At most so many. Of more, each of so many equal parts of the window (ms) is told as the kind that has most of it,
    joined to its like beside it; which run's they are is no longer told.
    """
    if len(phases) <= most:
        return phases
    begin, end = max(window[0], phases[0]["start"]), min(window[1], max(phase["end"] for phase in phases))
    width = (end - begin) / most
    return list(_like_neighbours(_shares(phases, begin, width, most), begin, width)) if width > 0 else phases[:1]


def _shares(phases: Sequence[RunPhase], begin: float, width: float, parts: int) -> list[dict[Kind, float]]:
    """How long each kind held in each part, in ms."""
    shares: list[dict[Kind, float]] = [defaultdict(float) for _ in range(parts)]
    for phase in phases:
        kind = (phase["phase"], phase["model_name"], phase["test_type"])
        start, end = max(phase["start"], begin), phase["end"]
        for part in range(int((start - begin) / width), min(parts - 1, int((end - begin) / width)) + 1):
            left = begin + part * width
            if (held := min(end, left + width) - max(start, left)) > 0:
                shares[part][kind] += held
    return shares


def _like_neighbours(shares: Sequence[dict[Kind, float]], begin: float, width: float) -> Iterator[RunPhase]:
    before: Kind | None = None
    since = begin
    for part, held in enumerate([*shares, {}]):
        kind = max(held, key=lambda one: held[one]) if held else None
        if kind == before:
            continue
        here = begin + part * width
        if before:
            phase, model, test_type = before
            yield {
                "phase": phase,
                "start": round(since, 1),
                "end": round(here, 1),
                "model_name": model,
                "test_type": test_type,
                "point": None,
                "repetition": None,
            }
        before, since = kind, here
