"""`GET /test-sessions/{id}/runs`: each run of a session, with what its metrics were computed from."""

from http import HTTPStatus
from uuid import UUID

from api.http.responses.errors import or_404
from api.openapi.resource import Resource
from api.routes import unreadable
from api.routes.sessions.pruned_sessions import refuse_pruned
from api.schemas.sessions.runs import RunQuery, Runs
from common.store.fields import UNREADABLE
from common.store.reads import runs, sessions
from common.store.reads.runs import NumberedRun
from common.values.free_json import Json
from common.values.units import iso

resource = Resource("runs", __name__, description="The runs of a session.")


@resource.operation(
    "GET",
    "/test-sessions/<uuid:session_id>/runs",
    name="listRuns",
    answer=(200, Runs),
    query=RunQuery,
    failures=(HTTPStatus.NOT_FOUND, HTTPStatus.GONE),
)
def read(query: Json, session_id: UUID) -> Json:
    """List the runs of a session, test by test.

    The session may still be running. The answer is 410 if its runs were deleted because it is old.
    """
    session = or_404(sessions.session_alone(str(session_id)), session_id)
    refuse_pruned(session, "runs")
    page, limit = query["page"], query["limit"]
    found, total = runs.page_of_runs(session.id, page, limit)
    return {"runs": list(unreadable.each(found, described, _mark)), "total": total, "page": page, "limit": limit}


def described(numbered: NumberedRun) -> Json:
    """Return a run as the API gives it."""
    test, run, point = numbered
    return {
        "model_name": test.model,
        "test_type": test.test_type,
        "point": point,
        "conditions": run.conditions,
        "repetition": run.repetition,
        "date": iso(run.at),
        "figures": dict(run.metrics),
        "record": dict(run.record),
    }


def _mark(numbered: NumberedRun) -> Json:
    """Return what is known of a run whose record cannot be read."""
    test, run, point = numbered
    run.metrics, run.record = {}, {"unreadable": UNREADABLE}  # type: ignore[typeddict-item, typeddict-unknown-key] # a mark
    return described(NumberedRun(test, run, point))
