"""What the runs of a test were measured at."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
Point = Mapping[str, Any]


def points(metrics: Json) -> list[tuple[Point, Json]]:
    """Each point of a completed test with its distributions by metric; the one of a test that has no others."""
    told = [(each["point"], each["statistics"]) for each in metrics.get("points") or ()]
    alone = (metrics.get("headline") or {}).get("point") or {}
    return told or [(alone, metrics.get("statistics") or {})]


def conditions(metrics: Json, options: Json, parts: int) -> list[Point]:
    """What the runs of each point were measured at, by the points' numbers, of which there are `parts`.

    That is the points themselves; or, where the requests of a run are told apart too, as turns are, the points without
    what tells these apart.
    """
    known = [point for point, _ in points(metrics)]
    if len(known) == parts:
        return known
    names = [name for name, value in options.items() if isinstance(value, list)]
    shared = [{name: point[name] for name in names if name in point} for point in known]
    return [part for number, part in enumerate(shared) if part not in shared[:number]]
