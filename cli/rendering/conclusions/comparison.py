"""A comparison for a terminal."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.tables import Column, FittedTable, pairs
from cli.rendering.values import local_time, quantity, signed
from common.catalogue.wording import point_text
from common.values.escaped import escaped
from common.values.free_json import Json
from common.values.units import joined

MODEL, COMPARED = 3, 4
"""Numbers of the columns that are left out if all rows are alike in them."""


def rendered(document: Json, *, every_metric: bool) -> Iterable[RenderableType]:
    found = document["alternatives"]
    sentences = [one["sentence"] for one in found if one["sentence"]] or ["There is nothing to compare."]
    yield from (Text(escaped(sentence), style="bold") for sentence in sentences)
    yield Text()
    yield pairs((one["title"], _where(one, document["columns"])) for one in found)
    facts = [fact for fact in document["differences"] if not _is_in_titles(fact, found)]
    if facts:
        yield Text("\nWhat else differs", style="bold")
        yield pairs((fact["name"], ", ".join(_values(fact, found))) for fact in facts)
    rows = [row for test in document["tests"] for row in _rows(test, document, every_metric=every_metric)]
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
        Column("Model", folds=8),
        Column("Compared", folds=8),
        Column("Baseline", 2, "right"),
        Column("Value", 1, "right"),
        Column("Change", justify="right"),
        Column("Interval", 3, "right"),
        Column("Verdict", folds=14),
        Column("Grade", 5),
    ]
    alike = {number for number in (MODEL, COMPARED) if len({row[number] for row in rows}) == 1}
    alike |= {MODEL} if all(row[MODEL] == row[COMPARED] for row in rows) else set()
    kept = [number for number in range(len(columns)) if number not in alike]
    return FittedTable([columns[number] for number in kept], [[row[number] for number in kept] for row in rows])


def _where(found: Json, columns: list[Json]) -> str:
    own = [column for column in columns if column["letter"] in found["letters"]]
    first, end = own[0], local_time(own[0]["end"]) or "now"
    sessions = len(first["sessions"])
    several = f", {sessions} sessions until {end}" if sessions > 1 else ""
    models = first["modelName"] if len(own) == 1 else f"{len(own)} models"
    return f"{models} on {first['host']}, {local_time(first['start'])}{several}"


def _is_in_titles(fact: Json, found: list[Json]) -> bool:
    """Return whether the titles of the alternatives say it all."""
    return all(fact["values"].get(letter, "") in one["title"] for one in found for letter in one["letters"])


def _values(fact: Json, found: list[Json]) -> Iterator[str]:
    """Yield the value of each alternative."""
    for one in found:
        values = dict.fromkeys(fact["values"][letter] for letter in one["letters"] if letter in fact["values"])
        yield f"{one['title']}: {', '.join(values)}"


def _titles(document: Json) -> dict[str, str]:
    """Return the title of each column's alternative."""
    return {letter: one["title"] for one in document["alternatives"] for letter in one["letters"]}


def _rows(test: Json, document: Json, *, every_metric: bool) -> Iterator[list[str]]:
    titles = _titles(document)
    models = {column["letter"]: column["modelName"] for column in document["columns"]}
    for row in test["rows"]:
        cells = {cell["letter"]: cell for cell in row["cells"]}
        for cell in row["cells"]:
            if cell["verdict"] and (every_metric or row["isHeadline"]):
                yield [
                    test["testType"],
                    row["label"],
                    point_text(row["point"]),
                    models[cell["letter"]],
                    titles[cell["letter"]],
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
    lines, titles = [], _titles(document)
    for test in document["tests"]:
        name = test["testType"]
        cells = [cell for row in test["rows"] if row["isHeadline"] for cell in row["cells"] if cell["verdict"]]
        found = [
            *((letter, reason) for letter, reasons in test["obstacles"].items() for reason in reasons),
            *test["failed"].items(),
            *((cell["letter"], reason) for cell in cells for reason in cell["verdict"]["reasons"]),
        ]
        for reason in dict.fromkeys(reason for _, reason in found):
            whose = dict.fromkeys(titles[letter] for letter, each in found if each == reason)
            lines.append(f"{name}, {', '.join(whose)}: {reason}")
    return lines


def _section(heading: str, lines: Iterable[str]) -> Iterator[Text]:
    shown = [line for line in lines if line]
    if shown:
        yield Text(f"\n{heading}", style="bold")
        yield from (Text(escaped(line)) for line in shown)
