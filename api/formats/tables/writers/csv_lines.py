"""Tables as CSV (RFC 4180): a line for the names, then a line for each row, in UTF-8."""

import csv
import io
from collections.abc import Iterable, Iterator

from api.formats.tables.columns import Rows, columns_of
from api.formats.tables.rows import Cell

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Characters that make spreadsheets take a text for a formula, with the wide ones of Asian keyboards
(https://owasp.org/www-community/attacks/CSV_Injection)."""


def csv_lines(rows: Rows, number: int, outlines: Rows) -> Iterator[str]:
    """Yield the lines of a table, whose arguments are those of `columns_of`."""
    columns = list(columns_of(rows, number, outlines))
    yield csv_line(columns)
    for row in rows():
        yield csv_line(safe_cell(row.get(column)) for column in columns)


def safe_cell(value: Cell) -> Cell:
    """Return the value, with an apostrophe before a text that a spreadsheet would calculate."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def csv_line(values: Iterable[Cell], *, quote_all: bool = False, end: str = "\r\n") -> str:
    """Return a line of CSV, in which values are quoted if they must be, or all of them."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL, lineterminator=end).writerow(values)
    return line.getvalue()
