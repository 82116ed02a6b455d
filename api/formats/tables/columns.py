"""The columns of a table: those in which some row has a value, with the types of their values."""

from collections.abc import Callable, Iterable, Mapping

from api.formats.tables.rows import COLUMNS, Row
from api.http.responses.streaming import yielding

MAX_EXAMINED = 5000
"""Up to this number of whole rows are read before the first is sent, to leave out columns that are empty in all."""

Rows = Callable[[], Iterable[Row]]
Kinds = Mapping[str, set[type]]
"""The types of the values of each column, in the order of COLUMNS."""


def columns_of(rows: Rows, number: int, outlines: Rows) -> Kinds:
    """Return the columns of a table whose rows can be read twice. `number` is how many there are.

    `outlines` has a value for each column of a table of many rows. It is read faster than the rows themselves.
    """
    found: dict[str, set[type]] = {}
    for row in yielding((rows if number <= MAX_EXAMINED else outlines)()):
        for name, value in row.items():
            if value not in (None, ""):
                found.setdefault(name, set()).add(type(value))
    known = [*(name for name in COLUMNS if name in found), *(name for name in found if name not in COLUMNS)]
    return {name: found[name] for name in known}
