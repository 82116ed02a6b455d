"""What a request needs of its application: the settings, Redis, the hubs with their thinnings, and the hosts."""

from typing import NamedTuple, cast

from flask import Flask, current_app
from redis import Redis

from api.http.errors import refuse_fields
from api.websocket.downsampling import Thinnings
from api.websocket.hub import Hub
from common.config import Settings
from common.messaging.redis import PROGRESS, connect, readings_of

KEY = "gait"


class Hubs(NamedTuple):
    progress: Hub
    readings: Hub


def attach(app: Flask, config: Settings) -> None:
    # Requests fail at once where Redis is away; the hubs have time to wait for it.
    impatient, patient = connect(config.redis_url, patient=False), connect(config.redis_url)
    hubs = Hubs(Hub(patient, [PROGRESS]), Hub(patient, map(readings_of, config.ollama_hosts)))
    app.extensions[KEY] = (config, impatient, hubs, Thinnings())


def settings() -> Settings:
    return cast("Settings", current_app.extensions[KEY][0])


def redis() -> Redis:
    return cast("Redis", current_app.extensions[KEY][1])


def hubs_of(app: Flask) -> Hubs:
    return cast("Hubs", app.extensions[KEY][2])


def thinnings() -> Thinnings:
    """Of the readings' hub."""
    return cast("Thinnings", current_app.extensions[KEY][3])


def host_named(name: str | None) -> str:
    """The host that a client means; the first of the settings where it names none. 422 for an unknown one."""
    known = settings().ollama_hosts
    if name is not None and name not in known:
        refuse_fields({"host": [f"{name} is no host here; there are {', '.join(known)}"]})
    return name or next(iter(known))
