"""What a request needs of its application: the settings, Redis, the hub, and the hosts."""

from typing import cast

from flask import Flask, current_app
from redis import Redis

from api.errors import refuse_fields
from api.hub import Hub
from common.config import Settings
from common.ollama import Ollama
from common.redis import connect

KEY = "gait"


def attach(app: Flask, config: Settings) -> None:
    # Requests fail at once where Redis is away; the hub has time to wait for it.
    app.extensions[KEY] = (config, connect(config.redis_url, patient=False), Hub(connect(config.redis_url)))


def settings() -> Settings:
    return cast("Settings", current_app.extensions[KEY][0])


def redis() -> Redis:
    return cast("Redis", current_app.extensions[KEY][1])


def hub_of(app: Flask) -> Hub:
    return cast("Hub", app.extensions[KEY][2])


def host_named(name: str | None) -> str:
    """The host that a client means; the first of the settings where it names none. 422 for an unknown one."""
    known = settings().ollama_hosts
    if name is not None and name not in known:
        refuse_fields({"host": [f"{name} is no host here; there are {', '.join(known)}"]})
    return name or next(iter(known))


def ollama_of(host: str) -> Ollama:
    return Ollama(settings().ollama_hosts[host])
