"""What the processes of a small Gait have in common, and its sampler."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from common.messaging.redis import inventory_of
from local.processes import server


def settings_of(folder: Path, redis_url: str, hosts: Mapping[str, str], **more: str) -> dict[str, str]:
    """As in the environment. `hosts` are the addresses of Ollamas by the machines' names; without `more` there are no
    keys, and the database is a new one of SQLite.
    """
    return {
        "REDIS_URL": redis_url,
        "DATABASE_URL": f"sqlite:///{folder}/gait.db",
        "OLLAMA_HOSTS": ",".join(f"{name}={url}" for name, url in hosts.items()),
        "API_KEYS": "",
        "API_KEYS_FILE": "",
        **more,
    }


@contextmanager
def sampler(folder: Path, settings: Mapping[str, str], host: str = "local") -> Iterator[None]:
    """That of the host, from when it has told what the machine is."""
    own = {**os.environ, **settings, "SAMPLER_HOST": host}
    with Redis.from_url(settings["REDIS_URL"]) as redis:
        told = inventory_of(host)
        log = folder / f"sampler-{host}.log"
        with server([sys.executable, "-m", "sampler"], log, own, ready=lambda: bool(redis.exists(told))):
            yield
