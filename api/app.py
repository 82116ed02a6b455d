"""The application: HTTP API, WebSockets and pages.

flask-smorest makes the OpenAPI document from the schemas. It has fewer dependencies than APIFlask, and loads nothing
from other sites.
"""

from flask import Flask

from api.http import redis, request_log, urls
from api.http import settings as app_settings
from api.http.access import auth, cross_site, rate_limits, security_headers
from api.http.access.foreign_prefix import refuse_foreign_prefix
from api.http.access.forwarded import ForwardedMiddleware
from api.http.access.trusted_hosts import check_host
from api.http.request_log import RequestLogMiddleware
from api.http.responses import compression, errors
from api.http.responses.json_answers import AnswersProvider
from api.live import hubs, progress, readings
from api.live.connection_limit import check_websockets
from api.live.websocket.handshake import refuse_plain
from api.live.websocket.open_files import within_limit
from api.live.websocket.socket import OPTIONS, SafeSocketMiddleware
from api.monitoring import http_metrics
from api.openapi.document import OPENAPI_VERSION, Api
from api.routes import health, metrics, schedules, test_types, webhooks
from api.routes.conclusions import comparisons, histories, leaderboard, regressions, results
from api.routes.machines import hardware, hosts, models, overview
from api.routes.sessions import estimates, imports, repeats, runs, sessions, telemetry
from api.web import assets, docs, pages
from api.web.exports import session as export
from common.environment.settings import Settings, settings
from common.process.version import VERSION
from common.store.database import open_database

MAX_BODY_BYTES = 64 * 1024
CONFIG = {
    "API_TITLE": "Gait",
    "API_VERSION": VERSION,
    "OPENAPI_VERSION": OPENAPI_VERSION,
    "OPENAPI_URL_PREFIX": "/",
    "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
    "SOCK_SERVER_OPTIONS": OPTIONS,
}
RESOURCES = (
    *(models, hardware, hosts, overview, test_types, estimates, sessions, runs, export, imports, telemetry, repeats),
    *(results, comparisons, histories, leaderboard),
    *(schedules, regressions, webhooks),
)
SOCKETS = (progress, readings)


def create_app(config: Settings | None = None) -> Flask:
    """Return the WSGI application, after migrating the database.

    Raises:
        ConfigurationError: if the environment is wrong.
        Unavailable: if the database cannot be opened.
    """
    config = within_limit(config or settings())
    open_database(config.database_url, pooled=True)
    app = Flask("api", static_folder=None)
    app.config.from_mapping(CONFIG)
    app.json = AnswersProvider(app)
    app_settings.attach(app, config)
    redis.attach(app, config)
    hubs.attach(app, config)
    urls.prepare(app)
    _hook(app, config)
    _register(app, config)
    logged = RequestLogMiddleware(SafeSocketMiddleware(app.wsgi_app))
    forwarded = ForwardedMiddleware(logged, config.forwarded_for, config.script_name)
    app.wsgi_app = urls.SingleSlashes(forwarded)  # type: ignore[method-assign] # Flask's own way to add middleware
    return app


def _hook(app: Flask, config: Settings) -> None:
    """Register the functions before and after each request, in this order."""
    app.before_request(http_metrics.begin)
    app.before_request(check_host)
    rate_limits.register(app, config)  # before the key is checked, so that guessing keys is slow
    cross_site.register(app, config)
    app.before_request(refuse_foreign_prefix)
    app.before_request(auth.require_key)
    app.before_request(cross_site.refuse_other_sites)
    app.before_request(check_websockets)
    app.before_request(refuse_plain)
    app.after_request(auth.challenge)
    request_log.register(app)
    security_headers.register(app)
    app.after_request(compression.compress)
    app.after_request(http_metrics.end)


def _register(app: Flask, config: Settings) -> None:
    api = Api(app, config)
    errors.register(app)
    for module in RESOURCES:
        api.register_blueprint(module.resource, url_prefix=urls.BASE)
    api.register_blueprint(health.resource)
    api.register_blueprint(metrics.resource)
    for module in SOCKETS:
        app.register_blueprint(module.resource, url_prefix=urls.BASE)
        app.register_blueprint(module.resource, name=f"{module.resource.name}-short")
    app.register_blueprint(docs.resource)
    assets.register(app)
    pages.register(app)
