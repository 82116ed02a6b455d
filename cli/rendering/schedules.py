"""Schedules for a terminal."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.tables import Column, FittedTable, pairs
from cli.rendering.values import local_time, short_ids, short_name
from common.values.free_json import Json

COLUMNS = [
    Column("Schedule", folds=12),
    Column("Id", 4),
    Column("When", folds=10),
    Column("Next"),
    Column("Measures", 2, folds=16),
    Column("Last", 1),
    Column("Problem", 3, folds=16),
]


def listed(document: Json) -> Iterable[RenderableType]:
    known = document["schedules"]
    if not known:
        yield Text("There is no schedule. Add one, as in:\n  gait schedule add MODEL --cron '30 2 * * *'")
        return
    ids = short_ids(each["id"] for each in known)
    yield FittedTable(COLUMNS, [_row(each, ids) for each in known])


def _row(schedule: Json, ids: dict[str, str]) -> list[str | None]:
    return [
        schedule["name"] or ids[schedule["id"]],
        ids[schedule["id"]],
        f"{schedule['cron']} {schedule['timeZone']}",
        _next(schedule),
        ", ".join(map(short_name, (schedule["session"] or {}).get("models", []))),
        local_time(schedule["lastTime"]),
        schedule["lastError"] or schedule["message"],
    ]


def whole(schedule: Json) -> Iterable[RenderableType]:
    session = schedule["session"] or {}
    yield pairs(
        [
            ("Schedule", schedule["id"]),
            ("Name", schedule["name"]),
            ("When", f"{schedule['cron']}, {schedule['timeZone']}"),
            ("Next", _next(schedule)),
            ("Models", ", ".join(session.get("models", []))),
            ("Test types", ", ".join(session.get("testTypes", []))),
            ("Last", local_time(schedule["lastTime"])),
            ("Session", schedule["lastSession"]),
            ("Problem", schedule["lastError"]),
            ("Now", schedule["message"]),
        ]
    )


def _next(schedule: Json) -> str:
    return local_time(schedule["nextTime"]) if schedule["enabled"] else "paused"
