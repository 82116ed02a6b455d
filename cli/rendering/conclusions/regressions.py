"""Regressions for a terminal."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.values import local_time, short_ids
from common.values.escaped import escaped
from common.values.free_json import Json


def rendered(document: Json) -> Iterable[RenderableType]:
    found = document["regressions"]
    if not found:
        yield Text("There is no such lasting change.")
    ids = short_ids(each["id"] for each in found)
    for index, each in enumerate(found):
        if index:
            yield Text()
        yield from one(each, ids[each["id"]])
    if document["total"] > len(found):
        yield Text(f"\n{len(found)} of {document['total']} regressions. `--limit` shows more.")


def one(regression: Json, name: str | None = None) -> Iterable[RenderableType]:
    """Return a regression, and how to see and acknowledge it. `name` is the beginning of its id that suffices."""
    yield Text(escaped(regression["sentence"]), style="bold" if regression["state"] == "open" else "")
    yield Text(escaped(f"{regression['testType']} on {regression['host']}, {regression['options']}"))
    yield Text(escaped(f"{_state(regression)}. To see it:"))
    yield Text(f"  gait show {regression['seenSession']}")
    if not regression["acknowledgedAt"]:
        yield Text(f"To say that you know of it:\n  gait acknowledge {name or regression['id']} --note TEXT")


def _state(regression: Json) -> str:
    over = regression["over"]
    state = f"Over since {local_time(over['at'])}: {over['sentence']}" if over else "Open"
    known = f"; acknowledged {local_time(regression['acknowledgedAt'])}" if regression["acknowledgedAt"] else ""
    note = f": {regression['note'].rstrip('.')}" if regression["note"] else ""
    return f"{state}; found {local_time(regression['openedAt'])}{known}{note}"
