"""`python -m bench.series`: what the stored readings of a session cost, in bytes and in time."""

import time
from collections.abc import Callable
from typing import TypeVar

from rich.console import Console

from api.conclusions.readings.downsampling import Chart
from bench.series import alternatives
from bench.series.gpus import with_gpus
from bench.support.in_process_session import HOST, in_process_sessions
from bench.support.tool_environment import ToolFailed
from common.environment.settings import settings
from common.messaging import channels, streams
from common.messaging.redis import readings_of
from common.messaging.streams import Message
from common.records.series import decode, encode
from common.store.tables import ReadingChunk

Result = TypeVar("Result")

SECONDS = 70
MINUTE = 600
"""Readings at 10 Hz; a chunk holds about as many."""
TEN_MINUTES_S = 600
HOUR = 60
POINTS = 1000
KB = 1000
WIDTH = 120


def main() -> None:
    print(f"One model writes for {SECONDS} s without a pause, read at {settings().sample_hz:g} Hz.")
    with in_process_sessions() as sessions:
        session = sessions.create({"sustained": {"durationSeconds": SECONDS, "outputTokens": 32}})
        sessions.run(session)
        chunks = list(ReadingChunk.select().where(ReadingChunk.session == session))
        print(stored([bytes(chunk.data) for chunk in chunks]))
        messages = streams.read(sessions.redis, readings_of(HOST))[-MINUTE:]
    print(cost_of_gpus(messages))
    print(hour(messages, "without a GPU"))
    print(hour(with_gpus(messages, 1), "with a modelled GPU"))
    compare(messages, Console(width=WIDTH))


def stored(chunks: list[bytes]) -> str:
    """Describe what a session's chunks hold, and their size."""
    series = [decode(chunk) for chunk in chunks]
    readings = sum(len(one.at) for one in series)
    lasted = (series[-1].at[-1] - series[0].at[0]) / 1000
    size = sum(map(len, chunks))
    names = {channel.name for one in series for channel in one.numbers}
    return (
        f"{readings} real readings of {len(names)} channels in {lasted:.0f} s: {size} bytes in {len(chunks)} "
        f"chunks; ten minutes at that rate cost {size * TEN_MINUTES_S / lasted / KB:.0f} kB"
    )


def cost_of_gpus(messages: list[Message]) -> str:
    """Describe what GPUs add to real readings."""
    none, one, four = (len(encode(channels.series(with_gpus(messages, gpus)))) for gpus in (0, 1, 4))
    scale = TEN_MINUTES_S * 10 / len(messages) / KB
    return (
        f"The last {len(messages)} as one chunk: {none} bytes. Each modelled noisy GPU adds {one - none} bytes, "
        f"{(one - none) * scale:.0f} kB in ten minutes at 10 Hz (each of four: {(four - none) / 4 * scale:.0f} kB)"
    )


def hour(messages: list[Message], which: str) -> str:
    """Describe how long a chart of an hour of such readings takes."""
    first = messages[0][0]
    length = messages[-1][0] - first + 1
    shifted = [channels.series([(at + number * length, it) for at, it in messages]) for number in range(HOUR)]
    chunks, encoding = timed(lambda: [encode(series) for series in shifted])
    readings, charting = timed(lambda: _charted(chunks, first, first + HOUR * length))
    return (
        f"{readings} readings {which}: {KB * encoding / HOUR:.1f} ms to encode each of {HOUR} chunks, "
        f"{KB * charting:.0f} ms to decode them all and downsample them to {POINTS} points"
    )


def compare(messages: list[Message], console: Console) -> None:
    """Print the same readings in Gait's codec, Arrow IPC and Parquet, or why they are left out."""
    chunks = {gpus: encode(channels.series(with_gpus(messages, gpus))) for gpus in alternatives.GPUS}
    try:
        comparison = alternatives.measure(chunks)
    except ToolFailed as failure:
        console.print(f"Arrow IPC and Parquet are left out: {failure}")
    else:
        console.print(alternatives.table(comparison))
        console.print(alternatives.explain(comparison))


def _charted(chunks: list[bytes], start: int, end: int) -> int:
    chart = Chart(start, end, POINTS)
    for chunk in chunks:
        chart.add(decode(chunk))
    chart.document()
    return chart.readings


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return the result of the work, and the seconds that it took."""
    started = time.perf_counter()
    return work(), time.perf_counter() - started


if __name__ == "__main__":
    main()
