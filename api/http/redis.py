"""The connection to Redis that the requests of a process share."""

from typing import cast

from flask import Flask, current_app
from redis import Redis

from common.environment.settings import Settings
from common.messaging.redis import connect

KEY = "gait-redis"


def attach(app: Flask, config: Settings) -> None:
    """Give the requests of `app` a connection, which fails at once while Redis is unavailable."""
    app.extensions[KEY] = connect(config.redis_url, patient=False)


def redis() -> Redis:
    """Return the connection of the current application."""
    return cast("Redis", current_app.extensions[KEY])
