"""`GET /metrics`: metrics for operators, in Prometheus's text format or OpenMetrics, as the scraper requests."""

import os
from collections.abc import Iterator
from http import HTTPStatus

from flask import Response, request
from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from api.monitoring.collectors import StateCollector
from api.monitoring.http_metrics import OWN
from api.openapi.resource import Resource

resource = Resource("metrics", __name__, description="Metrics for operators.")

DOCUMENTATION = {
    "summary": "Metrics for Prometheus.",
    "description": "Metrics named `gait_...`, and `process_...` of the responding process. If Redis or the database "
    "does not respond, its `gait_up` is 0 and only its metrics are missing.",
    "responses": {
        "200": {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **{
            str(int(status)): {"$ref": f"#/components/responses/{status.name}"}
            for status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR)
        },
    },
}


class ThisProcess(Collector):
    """CPU, memory and files of this process. The label is its id, because another process may respond next time."""

    def collect(self) -> Iterator[Metric]:
        pid = str(os.getpid())
        for metric in ProcessCollector(registry=None).collect():
            labelled = [Sample(sample.name, {"pid": pid}, sample.value) for sample in metric.samples]
            metric.samples = labelled
            yield metric


def metrics() -> Response:
    registry = CollectorRegistry()
    _register_http_metrics(registry)
    registry.register(ThisProcess())
    registry.register(StateCollector())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(registry), content_type=content_type)


resource.route("/metrics", methods=["GET"])(resource.doc(**DOCUMENTATION)(metrics))


def _register_http_metrics(registry: CollectorRegistry) -> None:
    """Register the metrics of all gunicorn processes, or of this one if there is no gunicorn."""
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # it has no types
    except ValueError:  # there is no shared folder
        registry.register(OWN)
