"""The memory that other programs than Ollama hold, from the newest reading of a host's machine."""

from redis import Redis

from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of
from common.values.free_json import Json

MAX_AGE_MS = 60_000
"""An older reading says nothing about now."""


def held_by_others(redis: Redis, host: str, *, on_gpus: bool) -> int | None:
    """Return the bytes of the GPUs' memory, or of RAM, that other programs hold now; None if that is unknown."""
    for at, reading in streams.newest(redis, readings_of(host)):
        if clock_ms(redis) - at <= MAX_AGE_MS:
            return _on_gpus(reading) if on_gpus else _in_ram(reading)
    return None


def _on_gpus(reading: Json) -> int | None:
    gpus = reading.get("gpus") or []
    parts = [(gpu.get("memoryUsed"), gpu.get("memoryOllama")) for gpu in gpus]
    known = [used - own for used, own in parts if used is not None and own is not None]
    return max(0, sum(known)) if known and len(known) == len(gpus) else None


def _in_ram(reading: Json) -> int | None:
    used, ollama = (reading.get("memory") or {}).get("used"), reading.get("ollama") or {}
    return None if used is None else max(0, used - (ollama.get("memory") or 0))
