"""Settings that the processes of a test setup share, and its sampler."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from common.messaging.redis import inventory_of
from local.processes import server


def settings_of(folder: Path, redis_url: str, hosts: Mapping[str, str], **more: str) -> dict[str, str]:
    """Return settings as environment variables.

    `hosts` holds the URLs of Ollama by host name, each as if on a machine of its own. Unless `more` changes them, there
    are no keys and SQLite is used.
    """
    return {
        "REDIS_URL": redis_url,
        "DATABASE_URL": f"sqlite:///{folder}/gait.db",
        "OLLAMA_HOSTS": ",".join(f"{name}@{name}={url}" for name, url in hosts.items()),
        "API_KEYS": "",
        "API_KEYS_FILE": "",
        **more,
    }


@contextmanager
def sampler(folder: Path, settings: Mapping[str, str], host: str = "local") -> Iterator[None]:
    """Start the host's sampler, and wait until it has published the inventory."""
    own = {**os.environ, **settings, "SAMPLER_HOST": host}
    with Redis.from_url(settings["REDIS_URL"]) as redis:
        inventory = inventory_of(host)
        log = folder / f"sampler-{host}.log"
        with server([sys.executable, "-m", "sampler"], log, own, ready=lambda: bool(redis.exists(inventory))):
            yield
