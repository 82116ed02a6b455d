"""Reduction of a session's phases for a chart. Few phases stay unchanged."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from common.records.machine import RunPhase

Kind = tuple[str, str, str]
"""The phase, the model and the test type, which joined phases have in common."""


def reduced(phases: Sequence[RunPhase], window: tuple[float, float], limit: int) -> Sequence[RunPhase]:
    """Return at most `limit` phases.

    If there are more, the window (ms) is divided into `limit` equal parts. Each part becomes the kind that takes most
    of it, and equal neighbours are joined. Point and repetition are lost.
    """
    if len(phases) <= limit:
        return phases
    begin, end = max(window[0], phases[0]["start"]), min(window[1], max(phase["end"] for phase in phases))
    width = (end - begin) / limit
    return list(_join(_shares(phases, begin, width, limit), begin, width)) if width > 0 else phases[:1]


def _shares(phases: Sequence[RunPhase], begin: float, width: float, parts: int) -> list[dict[Kind, float]]:
    """Return the time of each kind in each part, in ms."""
    shares: list[dict[Kind, float]] = [defaultdict(float) for _ in range(parts)]
    for phase in phases:
        kind = (phase["phase"], phase["model_name"], phase["test_type"])
        start, end = max(phase["start"], begin), phase["end"]
        for part in range(int((start - begin) / width), min(parts - 1, int((end - begin) / width)) + 1):
            left = begin + part * width
            if (duration := min(end, left + width) - max(start, left)) > 0:
                shares[part][kind] += duration
    return shares


def _join(shares: Sequence[dict[Kind, float]], begin: float, width: float) -> Iterator[RunPhase]:
    previous: Kind | None = None
    start = begin
    for part, durations in enumerate([*shares, {}]):
        kind = max(durations, key=lambda one: durations[one]) if durations else None
        if kind == previous:
            continue
        boundary = begin + part * width
        if previous:
            phase, model, test_type = previous
            yield {
                "phase": phase,
                "start": round(start, 1),
                "end": round(boundary, 1),
                "model_name": model,
                "test_type": test_type,
                "point": None,
                "repetition": None,
            }
        previous, start = kind, boundary
