"""`python -m bench.series`: what the stored readings of a session cost, in bytes and in time."""

import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, TypeVar

from api.telemetry.downsampling import Chart
from bench.laboratory import HOST, laboratory
from common.config import settings
from common.messaging import channels, streams
from common.messaging.redis import readings_of
from common.messaging.streams import Message
from common.store.tables import Stretch
from common.telemetry.series import decode, encode

Json = dict[str, Any]
Result = TypeVar("Result")

SECONDS = 70
MINUTE = 600
"""Readings at 10 Hz; the recorder stores about as many at once."""
TEN_MINUTES_S = 600
HOUR = 60
POINTS = 1000
KB = 1000
MB = 2**20


def main() -> None:
    print(f"One model writes for {SECONDS} s without a pause, read at {settings().sample_hz:g} Hz.")
    with laboratory() as lab:
        session = lab.session({"sustained": {"durationSeconds": SECONDS, "outputTokens": 32}})
        lab.run(session)
        stretches = list(Stretch.select().where(Stretch.session == session))
        print(stored([bytes(stretch.data) for stretch in stretches]))
        messages = streams.read(lab.redis, readings_of(HOST))[-MINUTE:]
    print(with_gpus(messages))
    print(hour(messages, "without a GPU"))
    print(hour(beside_gpus(messages, 1), "with a modelled one"))


def stored(stretches: list[bytes]) -> str:
    """What a session's stretches hold and weigh, in words."""
    series = [decode(stretch) for stretch in stretches]
    readings = sum(len(one.at) for one in series)
    lasted = (series[-1].at[-1] - series[0].at[0]) / 1000
    size = sum(map(len, stretches))
    told = {channel.name for one in series for channel in one.numbers}
    return (
        f"{readings} true readings of {len(told)} channels in {lasted:.0f} s: {size} bytes in {len(stretches)} "
        f"stretches; ten minutes at that rate cost {size * TEN_MINUTES_S / lasted / KB:.0f} kB"
    )


def with_gpus(messages: list[Message]) -> str:
    """What GPUs add to true readings, in words."""
    none, one, four = (len(encode(channels.series(beside_gpus(messages, gpus)))) for gpus in (0, 1, 4))
    scale = TEN_MINUTES_S * 10 / len(messages) / KB
    return (
        f"The last {len(messages)} as one stretch: {none} bytes. Each modelled noisy GPU adds {one - none} bytes, "
        f"{(one - none) * scale:.0f} kB in ten minutes at 10 Hz (each of four: {(four - none) / 4 * scale:.0f} kB)"
    )


def beside_gpus(messages: list[Message], gpus: int) -> list[Message]:
    """The readings with GPUs that never rest: a model, noisier in each channel than most are."""
    modelled = [modelled_gpu(index) for index in range(gpus)]
    return [(at, {**reading, "gpus": [next(gpu) for gpu in modelled]}) for at, reading in messages]


def modelled_gpu(index: int) -> Iterator[Json]:
    chance = Random(index)  # noqa: S311 - noise, not a secret
    energy, temperature = 1e6, 65.0
    while True:
        power = chance.gauss(250, 15)
        energy += power / 10
        temperature += chance.choice((-1, 0, 0, 0, 1))
        yield {
            "index": index,
            "utilization": chance.randint(85, 100),
            "utilizationForeign": chance.randint(0, 2),
            "memoryUsed": 9000 * MB + chance.choice((0, 0, 0, 2)) * MB,
            "memoryOllama": 8900 * MB,
            "power": power,
            "energy": energy,
            "temperature": temperature,
            "memoryTemperature": temperature + chance.randint(14, 18),
            "smClock": 2520 - 15 * chance.randint(0, 8),
            "memoryClock": 10_501,
            "pcieGeneration": 4,
            "throttle": chance.choice(([], ["power"], ["power", "thermal"])),
        }


def hour(messages: list[Message], which: str) -> str:
    """How long a chart of an hour of such readings takes, in words."""
    first = messages[0][0]
    length = messages[-1][0] - first + 1
    shifted = [channels.series([(at + number * length, it) for at, it in messages]) for number in range(HOUR)]
    stretches, encoding = timed(lambda: [encode(series) for series in shifted])
    readings, charting = timed(lambda: _charted(stretches, first, first + HOUR * length))
    return (
        f"{readings} readings {which}: {KB * encoding / HOUR:.1f} ms to encode each of {HOUR} stretches, "
        f"{KB * charting:.0f} ms to decode them all and thin them to {POINTS} points"
    )


def _charted(stretches: list[bytes], start: int, end: int) -> int:
    chart = Chart(start, end, POINTS)
    for stretch in stretches:
        chart.add(decode(stretch))
    chart.described()
    return chart.readings


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What the work gives, and the seconds that it took."""
    started = time.perf_counter()
    return work(), time.perf_counter() - started


if __name__ == "__main__":
    main()
