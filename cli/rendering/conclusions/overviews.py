"""What a machine can do, for a terminal."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.tables import Column, FittedTable, pairs
from cli.rendering.values import quantity
from common.values.free_json import Json

FITS = {"fits": "fits", "tight": "only just", "split": "partly CPU", "tooLarge": "too large", None: "unknown"}


def overview(document: Json) -> Iterable[RenderableType]:
    yield pairs([(each["question"], each["answer"]) for each in document["answers"]])
    yield Text()
    currency = document["currency"]
    columns = [
        Column("Model", folds=20),
        Column("Memory", justify="right"),
        Column("Measured", 2, justify="right"),
        Column("Fit"),
        Column("tok/s", justify="right"),
        Column("Grade", 1),
        Column("TTFT", 1, justify="right"),
        Column("Users", 1, justify="right"),
        Column("J/token", 2, justify="right"),
        Column(f"{currency} per 1 M tokens" if currency else "", 2, justify="right"),
    ]
    yield FittedTable(columns, map(_model, document["models"]))
    if document["problem"]:
        yield Text(f"\nThe installed models are unknown. {document['problem']}")


def _model(model: Json) -> list[str | None]:
    memory, cost = model["memory"], next(iter(model["costs"]), None)
    known = [memory[part] for part in ("measured", "weights", "added") if memory[part] is not None]
    return [
        model["modelName"],
        quantity(sum(known), "bytes") if known else None,
        _or_none(memory["measured"], "bytes"),
        FITS.get(memory["fit"], memory["fit"]),
        _value(model["speed"]),
        model["speed"] and model["speed"]["grade"],
        _value(model["wait"], "ms"),
        None if model["users"] is None else str(model["users"]),
        _cost(cost, "joules"),
        _cost(cost, "price"),
    ]


def _value(found: Json | None, unit: str = "") -> str | None:
    return _or_none(found["value"], unit) if found else None


def _or_none(value: float | None, unit: str) -> str | None:
    return None if value is None else quantity(value, unit)


def _cost(cost: Json | None, part: str) -> str | None:
    """Return the cost of a token, with the number of users if there are several."""
    if cost is None or cost[part] is None:
        return None
    return f"{cost[part]:.3g}" + (f" at {cost['users']}" if cost["users"] > 1 else "")
