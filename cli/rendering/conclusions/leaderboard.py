"""A leaderboard for a terminal."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.tables import Column, FittedTable
from cli.rendering.values import interval, local_time, quantity, short_name
from common.values.escaped import escaped
from common.values.free_json import Json

COLUMNS = [
    Column("Rank", justify="right"),
    Column("Model", folds=16),
    Column("Host", 1, folds=8),
    Column("Value", justify="right"),
    Column("95 % interval", 2, "right"),
    Column("Grade"),
    Column("Measured", 3),
]


def rendered(document: Json) -> Iterable[RenderableType]:
    yield Text(escaped(f"{document['label']}, {document['testType']}"), style="bold")
    if document["options"]:
        yield Text(escaped(document["options"]))
    if document["entries"]:
        yield Text()
        yield FittedTable(COLUMNS, [_row(entry, document["unit"]) for entry in document["entries"]])
        yield Text()
    yield Text(escaped(document["sentence"]))
    yield from (Text(escaped(line)) for line in _to_know(document["entries"]))
    for other in document["others"]:
        yield Text(escaped(f"Also: {other['results']} results with {other['options']}"))


def _row(entry: Json, unit: str) -> list[str | None]:
    value = entry["value"]
    return [
        str(entry["rank"]) if entry["rank"] else None,
        short_name(entry["modelName"]),
        entry["host"],
        quantity(value, unit),
        interval(entry["ci95"], value, unit),
        entry["grade"],
        local_time(entry["date"]),
    ]


def _to_know(entries: Iterable[Json]) -> list[str]:
    """Return why values must be read with care, once for all entries that it concerns."""
    reasons: dict[str, list[str]] = {}
    for entry in entries:
        for reason in entry["reasons"]:
            reasons.setdefault(reason, []).append(short_name(entry["modelName"]))
    return [f"{', '.join(dict.fromkeys(models))}: {reason}" for reason, models in reasons.items()]
