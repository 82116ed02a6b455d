"""Tables as JSON Lines (https://jsonlines.org): an object for each row, with null for what is unknown."""

from collections.abc import Iterator

import orjson

from api.formats.tables.columns import Rows, columns_of


def json_lines(rows: Rows, number: int, outlines: Rows) -> Iterator[bytes]:
    """Yield the lines of a table, whose arguments are those of `columns_of`. All lines have the same names."""
    columns = list(columns_of(rows, number, outlines))
    for row in rows():
        yield orjson.dumps({name: row.get(name) for name in columns}) + b"\n"
