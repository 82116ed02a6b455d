"""The settings of the application that serves the current request."""

from typing import cast

from flask import Flask, current_app

from api.http.responses.errors import refuse_fields
from common.environment.settings import Settings

KEY = "gait-settings"


def attach(app: Flask, config: Settings) -> None:
    """Make `config` the settings of all requests to `app`."""
    app.extensions[KEY] = config


def settings() -> Settings:
    """Return the settings of the current application."""
    return cast("Settings", current_app.extensions[KEY])


def host_named(name: str | None) -> str:
    """Return the host called `name`, or the first of the settings if None. An unknown name is refused with 422."""
    known = settings().ollama_hosts
    if name is not None and name not in known:
        refuse_fields({"host": [f"There is no host {name}. Hosts: {', '.join(known)}."]})
    return name or next(iter(known))
