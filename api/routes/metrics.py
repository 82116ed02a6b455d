"""`GET /metrics`: metrics for operators, in Prometheus's text format or OpenMetrics, as the scraper requests."""

import os
from collections.abc import Iterator

from flask import Response, request
from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from api.monitoring.collectors import StateCollector
from api.monitoring.http_metrics import OWN
from api.monitoring.newest_results import END, newest_results
from api.openapi.resource import Resource

resource = Resource("metrics", __name__, description="Metrics for operators.")


class ThisProcess(Collector):
    """CPU, memory and files of this process. The label is its id, because another process may respond next time."""

    def collect(self) -> Iterator[Metric]:
        pid = str(os.getpid())
        for metric in ProcessCollector(registry=None).collect():
            labelled = [Sample(sample.name, {"pid": pid}, sample.value) for sample in metric.samples]
            metric.samples = labelled
            yield metric


@resource.operation(
    "GET",
    "/metrics",
    name="readMetrics",
    answer=(200, None),
    returns="Metrics in Prometheus's text format, or in OpenMetrics if the header Accept asks for it.",
    content={"text/plain": {"type": "string"}},
)
def metrics() -> Response:
    """Return metrics for Prometheus.

    They are named `gait_...`, and `process_...` for the responding process. If Redis or the database does not respond,
    its `gait_up` is 0 and only its metrics are missing. `gait_result` with its interval is the newest value of each
    model, test type and host, read once a minute.
    """
    registry = CollectorRegistry()
    _register_http_metrics(registry)
    registry.register(ThisProcess())
    registry.register(StateCollector())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    own, results = encode(registry), newest_results().text(content_type, encode)
    end = END if own.endswith(END) else b""
    return Response(own.removesuffix(END) + results + end, content_type=content_type)


def _register_http_metrics(registry: CollectorRegistry) -> None:
    """Register the metrics of all gunicorn processes, or of this one if there is no gunicorn."""
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # it has no types
    except ValueError:  # there is no shared folder
        registry.register(OWN)
