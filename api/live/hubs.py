"""The hubs and the downsamplers, which the clients of a process share."""

from typing import NamedTuple, cast

from flask import Flask, current_app

from api.live.websocket.downsampling import Downsamplers
from api.live.websocket.hub import Hub
from common.environment.settings import Settings
from common.messaging.redis import PROGRESS, connect, readings_of

KEY = "gait-hubs"


class Hubs(NamedTuple):
    progress: Hub
    readings: Hub


class _Shared(NamedTuple):
    hubs: Hubs
    downsamplers: Downsamplers
    """Downsamplers of the readings' hub, one for all clients of the same rate."""


def attach(app: Flask, config: Settings) -> None:
    """Connect the hubs of `app` to Redis. They wait for it while it is unavailable."""
    redis = connect(config.redis_url)
    hubs = Hubs(Hub(redis, [PROGRESS]), Hub(redis, map(readings_of, config.ollama_hosts)))
    app.extensions[KEY] = _Shared(hubs, Downsamplers())


def hubs_of(app: Flask) -> Hubs:
    """Return the hubs of `app`."""
    return _shared(app).hubs


def downsamplers() -> Downsamplers:
    """Return the downsamplers of the readings' hub."""
    return _shared(current_app).downsamplers


def _shared(app: Flask) -> _Shared:
    return cast("_Shared", app.extensions[KEY])
