"""The context in which duties run. It has the settings and the connections that the API's own code expects."""

from flask import Flask

from api.http import redis
from api.http import settings as app_settings
from common.environment.settings import Settings
from common.store.database import open_database


def create_application(config: Settings) -> Flask:
    """Return an application without routes, after migrating the database.

    Raises:
        ConfigurationError: if this release cannot use the database.
        Unavailable: if the database cannot be opened.
    """
    open_database(config.database_url, pooled=True)
    app = Flask("scheduler", static_folder=None)
    app_settings.attach(app, config)
    redis.attach(app, config)
    return app
