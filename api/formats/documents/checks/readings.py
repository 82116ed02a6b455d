"""Checks of stored readings from elsewhere, before their readers meet them."""

import zlib
from base64 import b64decode
from itertools import pairwise

from api.formats.documents.checks.declared_types import Fault
from common.records.series import BadSeries, Channel, Series, decode

MAX_BYTES = 64 << 20
"""Largest size of a chunk when it is unpacked. One of this release has up to ten megabytes."""


def check_readings(text: str, start: int, end: int) -> None:
    """Check stored readings that were written in base64.

    Raises:
        Fault: if they are not a series of readings from `start` to `end`.
    """
    try:
        stored = b64decode(text, validate=True)
        _check_size(stored)
        series = decode(stored)
    except (ValueError, BadSeries) as error:
        raise Fault(f"is not a stored series of readings: {error}", "data") from None
    if not series.at or (series.at[0], series.at[-1]) != (start, end):
        raise Fault("begins or ends at another time than start and end say", "data")
    if any(later <= before for before, later in pairwise(series.at)):
        raise Fault("has times that do not rise", "data")
    _check_channels(series)


def _check_size(stored: bytes) -> None:
    unpacked = zlib.decompressobj()
    try:
        unpacked.decompress(stored[1:], MAX_BYTES)
    except zlib.error as error:
        raise ValueError(error) from None
    if unpacked.unconsumed_tail:
        raise ValueError(f"it has more than {MAX_BYTES >> 20} MiB")


def _check_channels(series: Series) -> None:
    for channel in series.numbers:
        _check(channel, is_number=True)
    for channel, column in series.words.items():
        _check(channel, is_number=False)
        if not all(isinstance(word, str) for words in column if words for word in words):
            raise Fault(f"has words in {channel.name} that are not text", "data")


def _check(channel: Channel, *, is_number: bool) -> None:
    step = channel.step
    fits = type(step) in (int, float) and 0 < step < float("inf") if is_number else step is None  # type: ignore[operator] # it is a number
    texts = isinstance(channel.name, str) and isinstance(channel.unit, str)
    if not (fits and texts and (channel.gpu is None or type(channel.gpu) is int)):
        raise Fault("has a channel without a name, a unit or a resolution", "data")
