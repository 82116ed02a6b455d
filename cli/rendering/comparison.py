"""A comparison for a terminal."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.tables import Column, FittedTable, pairs
from cli.rendering.values import local_time, quantity, signed
from common.catalogue.wording import point_text
from common.escaped import escaped
from common.free_json import Json
from common.units import joined


def rendered(document: Json, *, every_metric: bool) -> Iterable[RenderableType]:
    yield Text(escaped(document["sentence"] or "There is nothing to compare."), style="bold")
    yield Text()
    yield pairs((column["title"], _where(column)) for column in document["columns"])
    if document["differences"]:
        yield Text("\nWhat else differs", style="bold")
        yield pairs(
            (fact["name"], ", ".join(f"{a}: {b}" for a, b in fact["values"].items()))
            for fact in document["differences"]
        )
    rows = [row for test in document["tests"] for row in _rows(test, every_metric=every_metric)]
    if rows:
        yield Text()
        yield _table(rows)
    yield from _section("To know", _reasons(document))
    yield from _section("Method", [*document["methods"], document["together"]])


def _table(rows: list[list[str]]) -> FittedTable:
    columns = [
        Column("Test"),
        Column("Metric", 4),
        Column("At", folds=12),
        Column("Column"),
        Column("Baseline", 2, "right"),
        Column("Value", 1, "right"),
        Column("Change", justify="right"),
        Column("Interval", 3, "right"),
        Column("Verdict", folds=14),
        Column("Grade", 5),
    ]
    if len({row[3] for row in rows}) > 1:
        return FittedTable(columns, rows)
    del columns[3]
    return FittedTable(columns, [[*row[:3], *row[4:]] for row in rows])


def _where(column: Json) -> str:
    end = local_time(column["end"]) or "now"
    several = f", {len(column['sessions'])} sessions until {end}" if len(column["sessions"]) > 1 else ""
    return f"{column['modelName']} on {column['host']}, {local_time(column['start'])}{several}"


def _rows(test: Json, *, every_metric: bool) -> Iterator[list[str]]:
    for row in test["rows"]:
        cells = {cell["letter"]: cell for cell in row["cells"]}
        for cell in row["cells"]:
            if cell["verdict"] and (every_metric or row["isHeadline"]):
                yield [
                    test["testType"],
                    row["label"],
                    point_text(row["point"]),
                    cell["letter"],
                    quantity(cells[cell["against"]]["value"], row["unit"]),
                    quantity(cell["value"], row["unit"]),
                    *_verdict(cell["verdict"]),
                    test["grades"].get(cell["letter"]) or "",
                ]


def _verdict(verdict: Json) -> tuple[str, str, str]:
    unit = verdict["changeUnit"]
    low, high = verdict["interval"] or (None, None)
    interval = "" if low is None or high is None else joined(signed(low), signed(high))
    change = "" if verdict["change"] is None else f"{signed(verdict['change'])} {unit}"
    return change, interval, verdict["outcome"]


def _reasons(document: Json) -> list[str]:
    """Return the reasons for unclear verdicts, for columns that are not comparable, and for failed tests."""
    lines = []
    for test in document["tests"]:
        name = test["testType"]
        cells = [cell for row in test["rows"] if row["isHeadline"] for cell in row["cells"] if cell["verdict"]]
        found = [
            *((letter, reason) for letter, reasons in test["obstacles"].items() for reason in reasons),
            *test["failed"].items(),
            *((cell["letter"], reason) for cell in cells for reason in cell["verdict"]["reasons"]),
        ]
        for reason in dict.fromkeys(reason for _, reason in found):
            letters = dict.fromkeys(letter for letter, each in found if each == reason)
            lines.append(f"{name}, {', '.join(letters)}: {reason}")
    return lines


def _section(heading: str, lines: Iterable[str]) -> Iterator[Text]:
    shown = [line for line in lines if line]
    if shown:
        yield Text(f"\n{heading}", style="bold")
        yield from (Text(escaped(line)) for line in shown)
