"""Tables as Parquet: each column with its type, and its unit as the field's metadata.

Rows are collected into groups, so that a table of any size needs the memory of one group.
"""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from api.formats.tables.columns import Rows, columns_of
from api.formats.tables.rows import CONDITION, Row
from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_IN_GROUP = 2000
COUNTS = ("point", "repetition", "runs", "n")
MOMENTS = ("date",)
TEXTS = (
    *("sessionId", "modelName", "testType", "sessionName", "tags", "host", "fingerprint", "hardwareDigest"),
    *("modelDigest", "ollamaVersion", "engine", "headline", "rejected", "verdicts", "grade"),
)
UNITS = {f"{CONDITION}{option.name}": option.unit for known in TEST_TYPES.values() for option in known.options} | {
    name: metric.unit for name, metric in METRICS.items()
}


def parquet(rows: Rows, number: int, outlines: Rows) -> Iterator[bytes]:
    """Yield the parts of a Parquet file, whose arguments are those of `columns_of`."""
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s and 60 MB, which the API needs for this format alone
    from pyarrow.parquet import ParquetWriter  # noqa: PLC0415 - as above

    kinds = columns_of(rows, number, outlines)
    schema = pa.schema([_field(pa, name, kind) for name, kind in kinds.items()])
    sink, remaining = _Sink(), iter(rows())
    with ParquetWriter(sink, schema, compression="zstd") as writer:
        while group := list(islice(remaining, ROWS_IN_GROUP)):
            writer.write_table(pa.table(_values(group, schema), schema=schema))
            yield sink.taken()
    yield sink.taken()


def _field(pa: Any, name: str, kinds: set[type]) -> "pa.Field":  # noqa: ANN401 - the module, which is imported late
    if name in TEXTS or (str in kinds and name not in MOMENTS):
        kind = pa.string()
    elif name in MOMENTS:
        kind = pa.timestamp("ms", tz="UTC")
    else:
        kind = pa.int64() if name in COUNTS or (kinds == {int} and name not in METRICS) else pa.float64()
    unit = UNITS.get(name)
    return pa.field(name, kind, metadata={"unit": unit} if unit else None)


def _values(rows: Iterable[Row], schema: "pa.Schema") -> dict[str, list[Any]]:
    """Return the columns of some rows, each value as its type has it."""
    kinds = {field.name: str(field.type) for field in schema}
    return {name: [_value(row.get(name), name, kind) for row in rows] for name, kind in kinds.items()}


def _value(value: Any, name: str, kind: str) -> Any:  # noqa: ANN401 - any cell
    if value is None or (value == "" and name != "tags"):
        return None
    if name in MOMENTS:
        return datetime.fromisoformat(value)
    return str(value) if kind == "string" else float(value) if kind == "double" else value


class _Sink(io.RawIOBase):
    """A file that is written to, and whose content is taken before there is much of it."""

    def __init__(self) -> None:
        self._written = bytearray()
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        added = bytes(data)
        self._written += added
        self._position += len(added)
        return len(added)

    def tell(self) -> int:
        return self._position

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken
