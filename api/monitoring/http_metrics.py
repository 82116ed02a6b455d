"""Metrics of this process's requests and WebSockets, which api/routes/metrics.py exposes.

Under gunicorn the values are in files that all its processes share: see api/gunicorn.py.
"""

import time
from http import HTTPMethod, HTTPStatus

from flask import Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

OWN = CollectorRegistry()
METHODS = set(HTTPMethod)

CLIENTS = Gauge(
    "gait_websocket_clients",
    "Open WebSockets.",
    ["kind"],
    registry=OWN,
    multiprocess_mode="livesum",
)
for kind in ("progress", "hardware"):
    CLIENTS.labels(kind)  # creates the series with the value 0
DROPPED = Counter(
    "gait_websocket_dropped_readings",
    "Readings lost because a client of /ws/hardware was too slow.",
    registry=OWN,
)
PAGE_FAULTS = Counter(
    "gait_page_faults",
    "Sections of pages that could not be shown because of a fault, which the log has.",
    registry=OWN,
)
REQUESTS = Histogram(
    "gait_http_request_duration_seconds",
    "Time from a request's arrival to the start of its response, by route.",
    ["method", "route", "status"],
    registry=OWN,
)


def begin() -> None:
    g.began = time.perf_counter()


def end(response: Response) -> Response:
    """Count a response. Of WebSockets only refused ones count, because the others last until their clients leave."""
    rule = request.url_rule
    if rule is None or not rule.websocket or response.status_code >= HTTPStatus.BAD_REQUEST:
        # Values that clients choose must not become labels, because each label is a series of its own.
        method = request.method if request.method in METHODS else "other"
        route = rule.rule if rule else "unmatched"
        REQUESTS.labels(method, route, response.status_code).observe(time.perf_counter() - g.began)
    return response
