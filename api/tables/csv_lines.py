"""Tables as CSV (RFC 4180): a line for the names, then a line for each row, in UTF-8."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator

from api.http.streaming import yielding
from api.tables.rows import COLUMNS, Cell, Row

CONTENT_TYPE = "text/csv; charset=utf-8"
MAX_EXAMINED = 5000
"""Up to this number of whole rows are read before the first line, to leave out columns that are empty in all."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Characters that make spreadsheets take a text for a formula, with the wide ones of Asian keyboards
(https://owasp.org/www-community/attacks/CSV_Injection)."""


Rows = Callable[[], Iterable[Row]]


def csv_lines(rows: Rows, number: int, outlines: Rows) -> Iterator[str]:
    """Yield the lines of a table whose rows can be read twice. `number` is how many there are.

    `outlines` has a value for each column of a table of many rows. It is read faster than the rows themselves.
    """
    columns = filled_columns((rows if number <= MAX_EXAMINED else outlines)())
    yield _line(columns)
    for row in rows():
        yield _line(_cell(row.get(column)) for column in columns)


def filled_columns(rows: Iterable[Row]) -> list[str]:
    """Return the columns in which some row has a value, in the order of COLUMNS, and after them unknown ones."""
    found: dict[str, None] = {}
    for row in yielding(rows):
        found.update(dict.fromkeys(name for name, value in row.items() if value not in (None, "")))
    return [*(name for name in COLUMNS if name in found), *(name for name in found if name not in COLUMNS)]


def _cell(value: Cell) -> Cell:
    """Return the value, with an apostrophe before a text that a spreadsheet would calculate."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _line(values: Iterable[Cell]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()
