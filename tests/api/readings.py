"""Readings as a sampler would publish them."""

from typing import Any

from redis import Redis

from common import streams
from common.redis import readings_of


def reading(percent: float, host: str = "local", **changed: Any) -> dict[str, Any]:
    return {
        "host": host,
        "cpu": {"percent": percent, "perCore": [percent, 0.0], "frequency": 3000.0, "temperature": None},
        "memory": {"total": 100, "used": 40, "available": 60, "swapUsed": 0},
        "ollama": None,
        "gpus": [{"index": 0, "name": "GPU", "utilization": 7, "power": None, "throttle": ["power"]}],
        "energy": {"package": None},
        "battery": {"plugged": True, "percent": 80.0},
        "busiest": [{"name": "other", "cpu": 1.0}],
        **changed,
    }


def publish(redis: Redis, percent: float, host: str = "local", **changed: Any) -> int:
    """Publish a reading with this share of the CPU, and return its number."""
    return streams.append(redis, reading(percent, host, **changed), readings_of(host), keep=36_000)
