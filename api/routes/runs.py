"""`GET /test-sessions/{id}/runs`: each run of a session, with its metrics and its full record."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from api.http.errors import or_404
from api.http.openapi import Resource
from api.schemas.runs import RunQuery, Runs
from api.telemetry.conditions import Point, conditions
from common.store import runs, sessions
from common.store.tables import Run, Test
from common.units import iso

Json = dict[str, Any]

resource = Resource("runs", __name__, description="The runs of a session.")


@resource.operation(
    "GET", "/test-sessions/<uuid:session_id>/runs", answer=(200, Runs), query=RunQuery, failures=(HTTPStatus.NOT_FOUND,)
)
def read(query: Json, session_id: UUID) -> Json:
    """Return the runs of a session, test by test. The session may still be running."""
    known = or_404(conditions_of_tests(str(session_id)) or None, session_id)
    page, limit = query["page"], query["limit"]
    found, total = runs.page_of_runs(str(session_id), page, limit)
    return {
        "runs": [described(run.test, run, known[run.test.id]) for run in found],
        "total": total,
        "page": page,
        "limit": limit,
    }


def conditions_of_tests(session_id: str) -> dict[int, list[Point] | None]:
    """What the runs of a session's tests were measured at, by the tests' ids; None of tests that are not done."""
    numbers = runs.numbers_of_points(session_id)
    return {
        test.id: None if test.metrics is None else conditions(test.metrics, test.options, numbers.get(test.id, 0))
        for test in sessions.tests(session_id)
    }


def described(test: Test, run: Run, known: list[Point] | None) -> Json:
    return {
        "model_name": test.model,
        "test_type": test.test_type,
        "point": run.point,
        "conditions": at(run, known),
        "repetition": run.repetition,
        "date": iso(run.at),
        "figures": run.figures,
        "record": run.record,
    }


def at(run: Run, known: list[Point] | None) -> Point | None:
    return known[run.point] if known is not None and run.point < len(known) else None
