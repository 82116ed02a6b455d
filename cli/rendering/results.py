"""The results of a session: a table with intervals and grades, and what was found, failed and noted."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.tables import UNKNOWN, Column, FittedTable
from cli.rendering.trust import grade_lines, verdict_lines
from cli.rendering.values import interval, quantity, short_name
from common.catalogue.metrics import METRICS
from common.catalogue.wording import point_text
from common.values.escaped import escaped
from common.values.free_json import Json

RUNNING, COMPLETED, FAILED = "running", "completed", "error"
ALSO_SHOWN = {"timeToFirstToken": 1, "ramUsage": 3, "vramUsage": 4, "cpuUsage": 5, "gpuUsage": 6}
"""The metrics besides the headline metric, each with the rank of its column."""


def tests(session: Json) -> Iterator[tuple[str, Json]]:
    for model in session["models"]:
        for test in model["tests"]:
            yield model["name"], test


def failed(session: Json) -> bool:
    """Return whether not all tests have completed."""
    return any(test["status"] != COMPLETED for _, test in tests(session))


def results(session: Json) -> Iterable[RenderableType]:
    yield table(session)
    completed = [(_title(session, *each), each[1]) for each in tests(session) if each[1]["status"] == COMPLETED]
    for heading, lines in (
        ("Findings", findings(session)),
        ("Grade", grade_lines(completed)),
        ("To know, the gravest first", verdict_lines(completed)),
        ("Not measured", failures(session)),
    ):
        if lines:
            yield Text(f"\n{heading}", style="bold")
            yield from (Text(escaped(line), style="red" if heading == "Not measured" else "") for line in lines)


def table(session: Json) -> FittedTable:
    """Return a row for each test, or for each of its points."""
    columns = [
        Column("Model", folds=16),
        Column("Test"),
        Column("At", folds=12),
        Column("Result", justify="right"),
        Column("95 % interval", 2, "right"),
        *(Column(METRICS[name].label, rank, "right") for name, rank in ALSO_SHOWN.items()),
        Column("Grade"),
    ]
    several = len(session["models"]) > 1
    rows = [row for model, test in tests(session) for row in _rows(short_name(model), test)]
    return FittedTable(columns if several else columns[1:], rows if several else [row[1:] for row in rows])


def _rows(model: str, test: Json) -> Iterator[list[str | None]]:
    metrics = test["metrics"]
    if metrics is None:
        state = test["phase"] if test["status"] == RUNNING else test["status"]
        yield [model, test["type"], None, state, *[None] * (2 + len(ALSO_SHOWN))]
        return
    points = metrics.get("points") or [{"point": {}, "statistics": metrics.get("statistics") or {}}]
    headline = (metrics.get("headline") or {}).get("name")  # an old result has none
    for index, point in enumerate(points):
        first = index == 0
        yield [
            model if first else " ",
            test["type"] if first else " ",
            point_text(point["point"]),
            *_values(point["statistics"], headline),
            *_machine(metrics, point["statistics"]),
            (test.get("grade") or UNKNOWN) if first else " ",
        ]


def _values(statistics: Json, headline: str | None) -> tuple[str, str]:
    found = statistics.get(headline) if headline else None
    if found is None:
        return UNKNOWN, ""
    value, unit = found["value"], found["unit"]
    return quantity(value, unit), interval(found.get("ci95"), value, unit)


def _machine(metrics: Json, statistics: Json) -> Iterator[str | None]:
    """Yield the metrics of ALSO_SHOWN: those of the point if it has its own."""
    for name in ALSO_SHOWN:
        value = statistics[name]["value"] if name in statistics else metrics.get(name)
        yield None if value is None else quantity(value, METRICS[name].unit)


def findings(session: Json) -> list[str]:
    """Return the finding of each completed test, with the model's name if there are several models."""
    found = [(model, test) for model, test in tests(session) if (test["metrics"] or {}).get("finding")]
    return [f"{_title(session, model, test)}: {test['metrics']['finding']}" for model, test in found]


def failures(session: Json) -> list[str]:
    """Return a line for each test that has failed, with its reason."""
    broken = [(model, test) for model, test in tests(session) if test["status"] == FAILED]
    return [f"{_title(session, model, test)}: {test['message'] or _last(test['logs'])}" for model, test in broken]


def _title(session: Json, model: str, test: Json) -> str:
    return f"{model}, {test['type']}" if len(session["models"]) > 1 else str(test["type"])


def _last(logs: list[str]) -> str:
    return logs[-1] if logs else "There is no log."
