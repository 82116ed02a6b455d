"""`GET /test-results`: the finished tests of all sessions."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Response

from api.formats.file_formats import OF_RESULTS, media_types
from api.formats.tables.outlines import result_outlines
from api.formats.tables.rows import Row, result_row
from api.formats.tables.writers.by_format import OF_ROWS, of_tests
from api.http.responses.streaming import streamed_file
from api.openapi.links import to_session
from api.openapi.resource import Resource
from api.routes import unreadable
from api.routes.sessions.session_machines import Machines
from api.schemas.results import DEFAULT_LIMIT, ResultQuery, Results
from common.catalogue.metrics import METRICS
from common.store.fields import UNREADABLE
from common.store.reads.lists import results as stored_results
from common.store.reads.lists.every_result import every_result, with_metrics
from common.store.reads.lists.headlines import CompletedTest, headline_metrics
from common.store.tables import Test
from common.values.free_json import Json
from common.values.units import iso, model_name, now

resource = Resource("results", __name__, description="Results of tests.")


@resource.operation(
    "GET",
    "/test-results",
    name="listResults",
    answer=(200, Results),
    content={"application/json": Results, **media_types(OF_RESULTS)},
    query=ResultQuery,
    links=to_session("$response.body#/results/0/sessionId"),
)
def results(query: dict[str, Any]) -> dict[str, Any] | Response:
    """List the finished tests of all sessions, newest first.

    Each has its metrics by name with their `statistics`, its `headline` and its `finding`.
    `GET /test-sessions/{id}` has the rest. Filters can be combined. Without filters, all results are listed, page by
    page. In another `format` it is one file with all results, which is streamed, unless `page` or `limit` is given.
    """
    filters = stored_results.ResultFilter(
        model=model_name(query["model_name"]) if "model_name" in query else None,
        test_type=query.get("test_type"),
        hardware=query.get("hardware_config"),
        start=query.get("start"),
        end=query.get("end"),
    )
    page, limit = query.get("page", 1), query.get("limit", DEFAULT_LIMIT)
    if query["format"] != "json" and not {"page", "limit"} & query.keys():
        until_now = replace(filters, end=filters.end or now())  # a table is read twice
        number = stored_results.results(filters, 1, 1)[1]
        return _file(query, until_now, lambda: every_result(until_now), number)
    tests, total = stored_results.results(filters, page, limit)
    if query["format"] != "json":
        return _file(query, filters, lambda: with_metrics(tests), len(tests))
    return {"results": _listed(tests, query["metrics"]), "total": total, "page": page, "limit": limit}


def _listed(tests: list[Test], wanted: list[str]) -> list[Json]:
    """Return the results of tests, with all metrics unless some are wanted."""
    found, machines = headline_metrics((test.id for test in tests), statistics=True), Machines()

    def described(test: Test) -> Json:
        metrics, grade = found[test.id]
        shown = select(metrics, wanted) if wanted else metrics
        return {**finished(test, shown, grade), "session_id": test.session.id, "hardware": machines.of(test.session)}

    return list(unreadable.each([test for test in tests if test.id in found], described, _mark))


def _file(
    query: dict[str, Any], filters: stored_results.ResultFilter, tests: Callable[[], Iterable[Test]], number: int
) -> Response:
    """Return a file with the tests in the wanted format."""
    metrics, kind = query["metrics"] or list(METRICS), OF_RESULTS[query["format"]]
    row = partial(result_row, wanted=metrics)
    if kind.name in OF_ROWS:
        parts = OF_ROWS[kind.name](
            lambda: unreadable.each(tests(), row, _mark_row), number, lambda: result_outlines(filters, metrics)
        )
    else:
        parts = of_tests(kind.name, unreadable.readable(tests()))
    return streamed_file(parts, kind.content_type, f"gait-results.{kind.ending}")


def _mark(test: Test) -> Json:
    """Return what is known of a result whose record cannot be read."""
    return {**finished(test, {"finding": UNREADABLE}, None), "session_id": test.session.id, "hardware": None}


def _mark_row(test: Test) -> Row:
    """Return the row of a result whose record cannot be read."""
    known = {"sessionId": test.session.id, "modelName": test.model, "testType": test.test_type}
    return {**known, "date": iso(test.finished_at), "verdicts": "unreadable"}


def finished(test: Test | CompletedTest, metrics: Json, grade: str | None) -> Json:
    """Return a finished test's {model_name, test_type, metrics, grade, date}."""
    return {
        "model_name": test.model,
        "test_type": test.test_type,
        "metrics": metrics,
        "grade": grade,
        "date": iso(test.finished_at),
    }


def select(metrics: Json, wanted: list[str]) -> Json:
    """Return the wanted metrics and their statistics."""
    found = {name: metrics[name] for name in wanted if name in metrics}
    statistics = metrics.get("statistics") or {}
    return {**found, "statistics": {name: statistics[name] for name in wanted if name in statistics}}
