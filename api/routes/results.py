"""`GET /test-results`: the finished tests of all sessions."""

from typing import Any

from api.openapi.links import to_session
from api.openapi.resource import Resource
from api.routes.hardware import described
from api.schemas.results import ResultQuery, Results
from common.store import sessions
from common.store.tables import Session, Test
from common.units import iso, model_name

resource = Resource("results", __name__, description="Results of tests.")


@resource.operation(
    "GET",
    "/test-results",
    name="listResults",
    answer=(200, Results),
    query=ResultQuery,
    links=to_session("$response.body#/results/0/sessionId"),
)
def results(query: dict[str, Any]) -> dict[str, Any]:
    """List the finished tests of all sessions, newest first.

    Filters can be combined. Without filters, all results are listed, page by page.
    """
    filters = sessions.ResultFilter(
        model=model_name(query["model_name"]) if "model_name" in query else None,
        test_type=query.get("test_type"),
        hardware=query.get("hardware_config"),
        start=query.get("start"),
        end=query.get("end"),
    )
    page, limit = query["page"], query["limit"]
    tests, total = sessions.results(filters, page, limit)
    return {
        "results": [_result(test, query["metrics"]) for test in tests],
        "total": total,
        "page": page,
        "limit": limit,
    }


def _result(test: Test, wanted: list[str]) -> dict[str, Any]:
    metrics = select(test.metrics or {}, wanted) if wanted else test.metrics
    return {
        **finished(test),
        "metrics": metrics,
        "session_id": test.session.id,
        "hardware": hardware_of(test.session),
    }


def finished(test: Test) -> dict[str, Any]:
    """Return a finished test's {model_name, test_type, metrics, date}."""
    return {
        "model_name": test.model,
        "test_type": test.test_type,
        "metrics": test.metrics,
        "date": iso(test.finished_at),
    }


def hardware_of(session: Session) -> dict[str, Any] | None:
    """Return the machine that a session ran on, or None before it started or if no sampler reported."""
    machine = session.hardware
    return described(machine.inventory, session.host, machine.fingerprint, machine.digest) if machine else None


def select(metrics: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    """Return the wanted metrics and their statistics."""
    found = {name: metrics[name] for name in wanted if name in metrics}
    statistics = metrics.get("statistics") or {}
    return {**found, "statistics": {name: statistics[name] for name in wanted if name in statistics}}
