"""What this process counts of itself for operators; api/routes/metrics.py shows it.

Under gunicorn the values lie in files that all its processes share, see api/gunicorn.py.
"""

import time
from http import HTTPMethod, HTTPStatus

from flask import Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

OWN = CollectorRegistry()
METHODS = set(HTTPMethod)

CLIENTS = Gauge(
    "gait_websocket_clients",
    "WebSockets that are open.",
    ["kind"],
    registry=OWN,
    multiprocess_mode="livesum",
)
for kind in ("progress", "hardware"):
    CLIENTS.labels(kind)  # from here on, where it has none, it says 0
DROPPED = Counter(
    "gait_websocket_dropped_readings",
    "Readings that a client of /ws/hardware was too slow for.",
    registry=OWN,
)
REQUESTS = Histogram(
    "gait_http_request_duration_seconds",
    "Time from a request's arrival until its answer begins, by the route's template.",
    ["method", "route", "status"],
    registry=OWN,
)


def begin() -> None:
    g.began = time.perf_counter()


def end(answer: Response) -> Response:
    """Count an answer. Of WebSockets only the refused ones: the others' time is as long as their clients like."""
    rule = request.url_rule
    if rule is None or not rule.websocket or answer.status_code >= HTTPStatus.BAD_REQUEST:
        # What clients make up must not become labels: each value is a series that is kept.
        method = request.method if request.method in METHODS else "other"
        route = rule.rule if rule else "unmatched"
        REQUESTS.labels(method, route, answer.status_code).observe(time.perf_counter() - g.began)
    return answer
