"""The strip of the machines: what each runs until when, how busy it was in the last hour, and what waits for it."""

from dataclasses import dataclass

from redis.exceptions import RedisError

from api.conclusions.readings.last_hour import LastHour, Line, last_hours
from api.http.redis import redis
from api.routes.machines import hosts
from api.web.pages.layout import resource
from common.values.free_json import Json
from common.values.units import text

POINTS = 30
"""Readings of the last hour that a line shows."""
LINES = ("gpu", "cpu")
WIDTH, HEIGHT = 120, 24


@dataclass(frozen=True)
class BusyLine:
    """How busy a part of a machine was in the last hour: the `points` of an SVG line, and the newest value as text."""

    label: str
    last: str
    points: str


@dataclass(frozen=True)
class MachineState:
    """What a host does, as `GET /hosts` says it, and the lines of its machine."""

    host: Json
    lines: list[BusyLine]


@resource.app_template_global()
def machines_at_a_glance() -> list[MachineState] | None:
    """Return what each host does, None without Redis."""
    try:
        known = hosts.known()
        hours = last_hours(redis(), [host["name"] for host in known], POINTS)
        return [MachineState(host, _lines(hour)) for host, hour in zip(known, hours, strict=True)]
    except RedisError:
        return None


def _lines(found: LastHour) -> list[BusyLine]:
    return [_line(line, line.most, found) for line in found.lines if line.name in LINES and line.most]


def _line(line: Line, most: float, found: LastHour) -> BusyLine:
    points = " ".join(
        f"{WIDTH * (at - found.start) / (found.end - found.start):.1f},{HEIGHT - HEIGHT * min(value, most) / most:.1f}"
        for at, value in zip(found.at, line.values, strict=True)
        if value is not None
    )
    return BusyLine(line.label, text(line.last, line.unit), points)
