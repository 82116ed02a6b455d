"""Modelled GPUs that are never idle: noisier in each channel than most real ones."""

from collections.abc import Iterator
from random import Random

from common.messaging.streams import Message
from common.values.free_json import Json

MB = 2**20


def with_gpus(messages: list[Message], gpus: int) -> list[Message]:
    """Return the readings with that many modelled GPUs."""
    modelled = [modelled_gpu(index) for index in range(gpus)]
    return [(at, {**reading, "gpus": [next(gpu) for gpu in modelled]}) for at, reading in messages]


def modelled_gpu(index: int) -> Iterator[Json]:
    """Yield a GPU's part of one reading after the other."""
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
