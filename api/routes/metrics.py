"""`GET /metrics`: for operators, in Prometheus' text format or OpenMetrics, as the scraper likes."""

import os
from collections.abc import Iterator
from http import HTTPStatus

from flask import Response, request
from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from api.http.openapi import Resource
from api.monitoring.collectors import State
from api.monitoring.http_metrics import OWN

resource = Resource("metrics", __name__, description="Figures for operators.")

DOCUMENTATION = {
    "summary": "Figures for Prometheus.",
    "description": "Figures named `gait_...`, and `process_...` of the process that answers. Where Redis or "
    "the database does not answer, `gait_up` says so and the others are there.",
    "responses": {
        "200": {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **{
            str(int(status)): {"$ref": f"#/components/responses/{status.name}"}
            for status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR)
        },
    },
}


class ThisProcess(Collector):
    """Its CPU, memory and files; labelled, because another process may answer the next time."""

    def collect(self) -> Iterator[Metric]:
        pid = str(os.getpid())
        for metric in ProcessCollector(registry=None).collect():
            labelled = [Sample(sample.name, {"pid": pid}, sample.value) for sample in metric.samples]
            metric.samples = labelled
            yield metric


def metrics() -> Response:
    registry = CollectorRegistry()
    _counted(registry)
    registry.register(ThisProcess())
    registry.register(State())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(registry), content_type=content_type)


resource.route("/metrics", methods=["GET"])(resource.doc(**DOCUMENTATION)(metrics))


def _counted(registry: CollectorRegistry) -> None:
    """What the processes of gunicorn have counted together, or this one alone where there is no gunicorn."""
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # it has no types
    except ValueError:  # there is no folder that they share
        registry.register(OWN)
