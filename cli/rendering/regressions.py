"""Regressions for a terminal."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.values import local_time
from common.escaped import escaped
from common.free_json import Json


def rendered(document: Json) -> Iterable[RenderableType]:
    if not document["regressions"]:
        yield Text("There is no such regression.")
    for index, each in enumerate(document["regressions"]):
        if index:
            yield Text()
        yield Text(escaped(each["sentence"]), style="bold" if each["state"] == "open" else "")
        yield Text(escaped(f"{each['testType']} on {each['host']}, {each['options']}"))
        yield Text(escaped(f"{_state(each)}. To see it:"))
        yield Text(f"  gait show {each['seenSession']}")


def _state(regression: Json) -> str:
    over = regression["over"]
    state = f"Over since {local_time(over['at'])}: {over['sentence']}" if over else "Open"
    known = f"; acknowledged {local_time(regression['acknowledgedAt'])}" if regression["acknowledgedAt"] else ""
    note = f": {regression['note']}" if regression["note"] else ""
    return f"{state}; found {local_time(regression['openedAt'])}{known}{note}"
