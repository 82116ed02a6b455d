"""Codec of stored readings: one column for each channel, in whole numbers of the channel's resolution.

A stored series is a version byte, then compressed: the length of a JSON header (4 bytes), the header, the columns. The
header names every channel with its unit and resolution, so old series stay readable when the channels change. A column
holds its differences, folded to be positive, in the width that the largest needs. The first bytes of all differences
come before the second bytes, which are mostly 0. If some values are unknown, a mask says which.

docs/decisions/series-codec.md compares it with Arrow IPC and Parquet.
"""

import json
import sys
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import isfinite
from typing import Any

from common.errors import GaitError

VERSION = 1
LENGTH = 4
WIDTHS = {1: "B", 2: "H", 4: "I", 8: "Q"}
MAX_STEPS = 2**53
"""JSON numbers are not exact beyond it, and no measured value is as large."""

Words = tuple[str, ...]


class BadSeries(GaitError):
    """Error of bytes that are not a stored series."""


@dataclass(frozen=True)
class Channel:
    """One measured quantity. `step` is its resolution in `unit`, or None if its values are sets of words. `gpu` is the
    index of the GPU it belongs to, or None for the machine's own.
    """

    name: str
    unit: str
    step: float | None
    gpu: int | None = None

    def scaled(self, value: object) -> int | None:
        """Return the value in whole steps, to the nearest; None if it is not a number."""
        if self.step is None or not isinstance(value, int | float) or not isfinite(value):
            return None
        steps = round(value / self.step)
        return steps if abs(steps) < MAX_STEPS else None

    def value(self, steps: float | None) -> float | None:
        """Return a number of steps in the channel's unit; exactly, if the steps are whole."""
        if self.step is None or steps is None:
            return None
        return steps * round(self.step) if self.step >= 1 else steps / round(1 / self.step)


@dataclass(frozen=True)
class Series:
    """Readings at rising times, in ms of Redis's clock. `numbers` are in steps of their channels, None if unknown. Each
    column is as long as `at`.
    """

    at: list[int]
    numbers: dict[Channel, list[int | None]]
    words: dict[Channel, list[Words | None]]

    def cut(self, start: float, end: float) -> "Series":
        """Return the readings from `start` to `end`, both included."""
        first, last = bisect_left(self.at, start), bisect_right(self.at, end)
        if last - first == len(self.at):
            return self
        return Series(
            self.at[first:last],
            {channel: column[first:last] for channel, column in self.numbers.items()},
            {channel: column[first:last] for channel, column in self.words.items()},
        )


def encode(series: Series) -> bytes:
    """Return the series in bytes, for `decode`."""
    columns = [_pack(series.at), *(_pack(column) for column in series.numbers.values())]
    dictionaries = []
    for column in series.words.values():
        distinct = dict.fromkeys(words for words in column if words is not None)
        numbers = {words: number for number, words in enumerate(distinct)}
        dictionaries.append([list(words) for words in numbers])
        columns.append(_pack([None if words is None else numbers[words] for words in column]))
    header = {
        "readings": len(series.at),
        "numbers": [_described(channel) for channel in series.numbers],
        "words": [_described(channel) for channel in series.words],
        "dictionaries": dictionaries,
        "columns": [shape for shape, _ in columns],
    }
    head = json.dumps(header, separators=(",", ":")).encode()
    body = b"".join(packed for _, packed in columns)
    return bytes([VERSION]) + zlib.compress(len(head).to_bytes(LENGTH, "big") + head + body, 9)


def decode(stored: bytes) -> Series:
    """Return the series that was encoded.

    Raises:
        BadSeries: when the bytes are of another version, incomplete or damaged.
    """
    if stored[:1] != bytes([VERSION]):
        raise BadSeries(f"A stored series has version {list(stored[:1])}, but this release reads {VERSION}. Update it.")
    try:
        return _decode(zlib.decompress(stored[1:]))
    except (zlib.error, ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise BadSeries(f"A stored series is damaged, and its readings are lost: {error}.") from error


def _decode(plain: bytes) -> Series:
    begin = LENGTH + int.from_bytes(plain[:LENGTH], "big")
    header = json.loads(plain[LENGTH:begin])
    columns: list[list[int | None]] = []
    for known, first, width, masked in header["columns"]:
        readings = header["readings"] if masked else 0
        end = begin + readings + width * max(0, known - 1)
        columns.append(_unpack(plain[begin : begin + readings], plain[begin + readings : end], known, first, width))
        begin = end
    at, *others = columns
    numbers, words = header["numbers"], header["words"]
    if begin != len(plain) or {len(column) for column in columns} != {header["readings"]}:
        raise ValueError("its columns are not as long as its header says")
    worded = zip(words, header["dictionaries"], others[len(numbers) :], strict=True)
    return Series(
        [moment for moment in at if moment is not None],
        {Channel(**channel): column for channel, column in zip(numbers, others[: len(numbers)], strict=True)},
        {Channel(**channel): _looked_up(known, column) for channel, known, column in worded},
    )


def _described(channel: Channel) -> dict[str, Any]:
    described = {"name": channel.name, "unit": channel.unit, "step": channel.step}
    return described if channel.gpu is None else {**described, "gpu": channel.gpu}


def _looked_up(dictionary: list[list[str]], column: Iterable[int | None]) -> list[Words | None]:
    words = [tuple(known) for known in dictionary]
    return [None if number is None else words[number] for number in column]


def _pack(column: Sequence[int | None]) -> tuple[list[int], bytes]:
    """Return a column's [number of known values, the first one, width, 1 if masked], and its bytes."""
    known = [value for value in column if value is not None]
    folded = [2 * step if step >= 0 else -2 * step - 1 for step in (b - a for a, b in pairwise(known))]
    width = next(width for width in WIDTHS if max(folded, default=0) < 256**width)
    masked = len(known) < len(column)
    mask = bytes(value is not None for value in column) if masked else b""
    raw = _little(array(WIDTHS[width], folded)).tobytes()
    shape = [len(known), known[0] if known else 0, width, int(masked)]
    return shape, mask + b"".join(raw[place::width] for place in range(width))


def _unpack(mask: bytes, planes: bytes, known: int, first: int, width: int) -> list[int | None]:
    raw = bytearray(len(planes))
    count = max(0, known - 1)
    for place in range(width):
        raw[place::width] = planes[place * count : (place + 1) * count]
    folded = array(WIDTHS[width])
    folded.frombytes(raw)
    steps = [-(number >> 1) - 1 if number & 1 else number >> 1 for number in _little(folded)]
    values = list(accumulate(steps, initial=first))[:known]
    if not mask:
        return list(values)
    if sum(mask) != len(values):
        raise ValueError("a mask does not fit its values")
    following: Iterator[int] = iter(values)
    return [next(following) if known else None for known in mask]


def _little(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
