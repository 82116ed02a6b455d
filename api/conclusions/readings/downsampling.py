"""Reduction of readings to the points of a chart, in time buckets that keep spikes. Few readings stay unchanged."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from common.messaging.channels import COUNTERS
from common.records.series import Channel, Series, Words
from common.values.free_json import Json

Part = tuple[int, slice]
"""The index of a bucket, and its readings within a chunk."""

DECIMALS = 2


@dataclass
class Extremes:
    """Minimum and maximum of each bucket, None if no reading is known, and the sum over its `known` readings."""

    low: list[int | None]
    high: list[int | None]
    total: list[int]
    known: list[int]

    @classmethod
    def empty(cls, buckets: int) -> "Extremes":
        return cls([None] * buckets, [None] * buckets, [0] * buckets, [0] * buckets)

    def add(self, bucket: int, column: list[int | None]) -> None:
        known = _known(column)
        if not known:
            return
        low, high = self.low[bucket], self.high[bucket]
        self.low[bucket] = min(known) if low is None else min(low, *known)
        self.high[bucket] = max(known) if high is None else max(high, *known)
        self.total[bucket] += sum(known)
        self.known[bucket] += len(known)

    def document(self, channel: Channel) -> Json:
        return {
            "min": _values(channel, self.low),
            "max": _values(channel, self.high),
            "mean": [
                None if not known else round(total / known * (channel.step or 1), DECIMALS)
                for total, known in zip(self.total, self.known, strict=True)
            ],
        }


@dataclass
class Buckets:
    """`count` buckets of `width` ms from `start`. A counter keeps its last value, and words are collected."""

    start: int
    width: int
    count: int
    extremes: dict[Channel, Extremes] = field(default_factory=dict)
    counters: dict[Channel, list[int | None]] = field(default_factory=dict)
    words: dict[Channel, list[Words | None]] = field(default_factory=dict)

    def add(self, series: Series) -> None:
        parts = list(self._parts(series.at))
        for channel, column in series.numbers.items():
            if channel.unit in COUNTERS:
                self._add_counter(self.counters.setdefault(channel, [None] * self.count), column, parts)
                continue
            extremes = self.extremes.setdefault(channel, Extremes.empty(self.count))
            for bucket, part in parts:
                extremes.add(bucket, column[part])
        for channel, words in series.words.items():
            self._add_words(self.words.setdefault(channel, [None] * self.count), words, parts)

    def document(self) -> tuple[list[int], list[Json]]:
        """Return the start of each bucket, and the channels."""
        channels = {
            **{channel: extremes.document(channel) for channel, extremes in self.extremes.items()},
            **{channel: {"plain": _values(channel, column)} for channel, column in self.counters.items()},
            **{channel: {"plain": column} for channel, column in self.words.items()},
        }
        return [self.start + index * self.width for index in range(self.count)], _in_order(channels)

    def _parts(self, at: list[int]) -> Iterator[Part]:
        first = 0
        while first < len(at):
            bucket = (at[first] - self.start) // self.width
            end = bisect_left(at, self.start + (bucket + 1) * self.width, first)
            yield bucket, slice(first, end)
            first = end

    @staticmethod
    def _add_counter(last: list[int | None], column: list[int | None], parts: Iterable[Part]) -> None:
        for bucket, part in parts:
            known = _known(column[part])
            last[bucket] = known[-1] if known else last[bucket]

    @staticmethod
    def _add_words(collected: list[Words | None], column: list[Words | None], parts: Iterable[Part]) -> None:
        for bucket, part in parts:
            known = [words for words in (collected[bucket], *column[part]) if words is not None]
            collected[bucket] = tuple(sorted(set().union(*known))) if known else None


@dataclass
class Chart:
    """A chart of the readings from `start` to `end` (ms) with at most `points` points. Readings are added in chunks."""

    start: int
    end: int
    points: int
    readings: int = 0
    first: int | None = None
    last: int | None = None
    whole: list[Series] = field(default_factory=list)
    buckets: Buckets | None = None

    def add(self, series: Series) -> None:
        if not series.at:
            return
        self.readings += len(series.at)
        self.first = series.at[0] if self.first is None else self.first
        self.last = series.at[-1]
        if self.buckets:
            self.buckets.add(series)
            return
        self.whole.append(series)
        if self.readings > self.points:
            self._start_buckets()

    def _start_buckets(self) -> None:
        length = self.end - self.start + 1
        width = -(-length // self.points)
        self.buckets = Buckets(self.start, width, -(-length // width))
        for series in self.whole:
            self.buckets.add(series)
        self.whole.clear()

    def document(self) -> Json:
        at, series = self.buckets.document() if self.buckets else self._unreduced()
        return {
            "hz": self._hz(),
            "thinned": self.buckets is not None,
            "bucket": self.buckets.width if self.buckets else None,
            "at": at,
            "series": series,
        }

    def _hz(self) -> float | None:
        if self.first is None or self.last is None or self.first == self.last:
            return None
        return round(1000 * (self.readings - 1) / (self.last - self.first), DECIMALS)

    def _unreduced(self) -> tuple[list[int], list[Json]]:
        numbers = dict.fromkeys(channel for series in self.whole for channel in series.numbers)
        words = dict.fromkeys(channel for series in self.whole for channel in series.words)
        channels: dict[Channel, Json] = {}
        for channel in numbers:
            columns = [series.numbers.get(channel) or [None] * len(series.at) for series in self.whole]
            channels[channel] = {"plain": [channel.value(steps) for column in columns for steps in column]}
        for channel in words:
            word_columns = [series.words.get(channel) or [None] * len(series.at) for series in self.whole]
            channels[channel] = {"plain": [value for column in word_columns for value in column]}
        return [moment for series in self.whole for moment in series.at], _in_order(channels)


def _known(column: list[int | None]) -> list[int]:
    return [steps for steps in column if steps is not None]


def _values(channel: Channel, column: list[int | None]) -> list[float | None]:
    return [channel.value(steps) for steps in column]


def _in_order(documents: dict[Channel, Json]) -> list[Json]:
    """Return the machine's channels, then those of each GPU."""
    channels = sorted(documents, key=lambda channel: -1 if channel.gpu is None else channel.gpu)
    return [
        {
            "name": channel.name,
            "unit": channel.unit,
            "gpu": channel.gpu,
            "resolution": channel.step,
            **documents[channel],
        }
        for channel in channels
    ]
