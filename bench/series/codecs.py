"""Sizes and times of several codecs for the chunks on standard input, as JSON on standard output.

It runs in its own environment, with pyarrow and without Gait's requirements, which the codec does not need. Every
codec stores the same integers and must return the same series.
"""

import json
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import distribution
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
from pyarrow import ipc, parquet

from bench.series.cost import Cost
from common.records.series import Channel, Series, decode, encode

REPEATS = 15
MS = 1000
CHANNELS = b"channels"
"""Key of the channels in a schema's metadata."""


@dataclass(frozen=True)
class Codec:
    name: str
    encode: Callable[[Series], bytes]
    decode: Callable[[bytes], Series]


def main() -> None:
    chunks = {label: b64decode(chunk) for label, chunk in json.load(sys.stdin).items()}
    costs = {label: [asdict(cost(codec, decode(chunk))) for codec in CODECS] for label, chunk in chunks.items()}
    package = distribution("pyarrow")
    files = [Path(file.locate()) for file in package.files or ()]
    size = sum(file.stat().st_size for file in files if file.is_file())
    json.dump({"version": package.version, "size": size, "costs": costs}, sys.stdout)


def cost(codec: Codec, series: Series) -> Cost:
    """Measure the codec on one chunk.

    Raises:
        ValueError: when it does not return what it was given.
    """
    stored = codec.encode(series)
    if codec.decode(stored) != series:
        raise ValueError(f"{codec.name} does not return the series that it was given")
    return Cost(codec.name, len(stored), _ms(lambda: codec.encode(series)), _ms(lambda: codec.decode(stored)))


def _ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        times.append(MS * (time.perf_counter() - started))
    return median(times)


def _arrow(compression: object) -> tuple[Callable[[Series], bytes], Callable[[bytes], Series]]:
    options = ipc.IpcWriteOptions(compression=compression)

    def encode_arrow(series: Series) -> bytes:
        table, sink = _table(series), pa.BufferOutputStream()
        with ipc.new_stream(sink, table.schema, options=options) as stream:
            stream.write_table(table)
        return bytes(sink.getvalue())

    return encode_arrow, lambda stored: _series(ipc.open_stream(stored).read_all())


def _parquet(*, deltas: bool) -> tuple[Callable[[Series], bytes], Callable[[bytes], Series]]:
    def encode_parquet(series: Series) -> bytes:
        table, sink = _table(series), pa.BufferOutputStream()
        whole = [field.name for field in table.schema if pa.types.is_integer(field.type)]
        encodings = {"use_dictionary": False, "column_encoding": dict.fromkeys(whole, "DELTA_BINARY_PACKED")}
        parquet.write_table(table, sink, compression="zstd", write_statistics=False, **(encodings if deltas else {}))
        return bytes(sink.getvalue())

    return encode_parquet, lambda stored: _series(parquet.read_table(pa.BufferReader(stored), use_threads=False))


def _table(series: Series) -> Any:  # noqa: ANN401 - pyarrow has no types
    described = [[one.name, one.unit, one.step, one.gpu] for one in (*series.numbers, *series.words)]
    numbers = [pa.array(column, pa.int64()) for column in (series.at, *series.numbers.values())]
    words = [pa.array(column, pa.list_(pa.string())) for column in series.words.values()]
    columns = {str(number): column for number, column in enumerate((*numbers, *words))}
    return pa.table(columns).replace_schema_metadata({CHANNELS: json.dumps(described)})


def _series(table: Any) -> Series:  # noqa: ANN401 - pyarrow has no types
    at, *columns = (column.to_pylist() for column in table.columns)
    channels = [Channel(*described) for described in json.loads(table.schema.metadata[CHANNELS])]
    pairs = list(zip(channels, columns, strict=True))
    words = {channel: column for channel, column in pairs if channel.step is None}
    return Series(
        at,
        {channel: column for channel, column in pairs if channel.step is not None},
        {channel: [None if value is None else tuple(value) for value in column] for channel, column in words.items()},
    )


CODECS = (
    Codec("Gait's", encode, decode),
    Codec("Arrow IPC, LZ4", *_arrow("lz4")),
    Codec("Arrow IPC, zstd", *_arrow("zstd")),
    Codec("Arrow IPC, zstd 19", *_arrow(pa.Codec("zstd", 19))),
    Codec("Parquet, zstd", *_parquet(deltas=False)),
    Codec("Parquet, deltas, zstd", *_parquet(deltas=True)),
)


if __name__ == "__main__":
    main()
