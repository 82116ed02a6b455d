"""Readings as a sampler publishes them, at chosen times or now."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from redis import Redis

from common.messaging import streams
from common.messaging.redis import readings_of
from common.messaging.streams import Message
from sampler.readings import (
    BatteryReading,
    CpuReading,
    EnergyReading,
    GpuReading,
    MemoryReading,
    OllamaReading,
    Reading,
)

MB = 2**20
GPU = GpuReading(
    index=0,
    name="RTX 4090",
    utilization=93,
    memory_used=900 * MB,
    memory_total=24_000 * MB,
    memory_ollama=800 * MB,
    power=251.3,
    energy=1_000_000.5,
    temperature=61,
    sm_clock=2520,
    memory_clock=10_501,
    throttle=("power",),
    utilization_foreign=2,
)
READING = Reading(
    host="local",
    cpu=CpuReading(percent=12.5, per_core=(25.0, 0.0), frequency=3400.4, temperature=51.0),
    memory=MemoryReading(total=32_000 * MB, used=8_000 * MB, available=24_000 * MB, swap_used=0),
    ollama=OllamaReading(processes=2, cpu=11.0, memory=700 * MB),
    gpus=(),
    energy=EnergyReading(package=12.34),
    battery=BatteryReading(plugged=True, percent=80.0),
)


def with_cpu(percent: float | None) -> dict[str, Any]:
    """Return a reading of a machine without GPUs. None stands for a CPU that could not be read."""
    cpu = None if percent is None else CpuReading(percent, (percent,), None, None)
    return dict(replace(READING, cpu=cpu).message())


def reading(percent: float, host: str = "local", **changed: Any) -> dict[str, Any]:
    """Return a reading as it is decoded from JSON."""
    decoded: dict[str, Any] = json.loads(json.dumps({**with_cpu(percent), "host": host, **changed}))
    return decoded


def with_gpus(*gpus: GpuReading) -> dict[str, Any]:
    """Return a reading of a machine with these GPUs."""
    return dict(replace(READING, gpus=gpus).message())


def every(step_ms: int, readings: Iterable[dict[str, Any]], start: int = 0) -> list[Message]:
    """Return the readings as messages, `step_ms` apart from `start` on."""
    return [(start + number * step_ms, reading) for number, reading in enumerate(readings)]


def append_all(redis: Redis, messages: Iterable[Message], host: str = "local") -> None:
    """Append messages to the host's stream under their own times."""
    with redis.pipeline(transaction=False) as pipeline:
        for seq, reading in messages:
            pipeline.xadd(readings_of(host), {"json": json.dumps(reading)}, id=f"{seq}-0")
        pipeline.execute()


def publish(redis: Redis, percent: float, host: str = "local", **changed: Any) -> int:
    """Publish a reading now, with this CPU utilisation in percent, and return its number."""
    return streams.append(redis, reading(percent, host, **changed), readings_of(host), keep=36_000)
