"""A history for a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.tables import Column, FittedTable
from cli.rendering.values import interval, local_time, quantity, short_ids
from common.catalogue.wording import point_text
from common.values.escaped import escaped
from common.values.free_json import Json

LEVELS = "▁▂▃▄▅▆▇█"
COLUMNS = [
    Column("Measured"),
    Column("Session", 2),
    Column("At", 4, folds=12),
    Column("Value", justify="right"),
    Column("95 % interval", 1, "right"),
    Column("Grade"),
    Column("Changed since", 3, folds=16),
]


def rendered(document: Json) -> Iterable[RenderableType]:
    points = document["points"]
    title = (
        f"{document['label']} of {document['modelName']}, {document['testType']}, on {document['host'] or 'no host'}"
    )
    yield Text(escaped(title), style="bold")
    if document["options"]:
        yield Text(escaped(document["options"]))
    if points:
        ids = short_ids(point["sessionId"] for point in points)
        yield Text(f"\n{sparkline([point['value'] for point in points])}\n" if len(points) > 1 else "")
        yield FittedTable(COLUMNS, [_row(point, ids, document["unit"]) for point in points])
    yield Text()
    yield from (Text(escaped(step["sentence"]), style="bold") for step in document["steps"])
    yield Text(escaped(document["outlook"]))
    if document["older"]:
        yield Text(f"There are older sessions: --to {document['older']}")
    for other in document["others"]:
        yield Text(escaped(f"Also: {other['sessions']} sessions on {other['host']} with {other['options']}"))


def _row(point: Json, ids: dict[str, str], unit: str) -> list[str | None]:
    value = point["value"]
    return [
        local_time(point["date"]),
        ids[point["sessionId"]],
        point_text(point["point"]),
        quantity(value, unit),
        interval(point["ci95"], value, unit),
        point["grade"],
        "; ".join(point["changes"]),
    ]


def sparkline(values: Sequence[float | None]) -> str:
    """Return a bar for each value, from the lowest to the highest of them, and a blank for an unknown one."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    width = (high - low) or 1
    top = len(LEVELS) - 1
    return "".join(" " if value is None else LEVELS[round((value - low) / width * top)] for value in values)
