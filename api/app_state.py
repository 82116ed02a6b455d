"""State that requests of a process share: the connection to Redis, the hubs and the downsamplers."""

from typing import NamedTuple, cast

from flask import Flask, current_app
from redis import Redis

from api.websocket.downsampling import Downsamplers
from api.websocket.hub import Hub
from common.environment.settings import Settings
from common.messaging.redis import PROGRESS, connect, readings_of

KEY = "gait"


class Hubs(NamedTuple):
    progress: Hub
    readings: Hub


class AppState(NamedTuple):
    redis: Redis
    hubs: Hubs
    downsamplers: Downsamplers
    """Downsamplers of the readings' hub, one for all clients of the same rate."""


def attach(app: Flask, config: Settings) -> None:
    """Connect the hubs and the requests of `app` to Redis."""
    # Requests fail at once while Redis is unavailable, but the hubs wait for it.
    impatient, patient = connect(config.redis_url, patient=False), connect(config.redis_url)
    hubs = Hubs(Hub(patient, [PROGRESS]), Hub(patient, map(readings_of, config.ollama_hosts)))
    app.extensions[KEY] = AppState(impatient, hubs, Downsamplers())


def redis() -> Redis:
    """Return the connection for requests, which fails at once while Redis is unavailable."""
    return _state(current_app).redis


def hubs_of(app: Flask) -> Hubs:
    """Return the hubs of `app`."""
    return _state(app).hubs


def downsamplers() -> Downsamplers:
    """Return the downsamplers of the readings' hub."""
    return _state(current_app).downsamplers


def _state(app: Flask) -> AppState:
    return cast("AppState", app.extensions[KEY])
