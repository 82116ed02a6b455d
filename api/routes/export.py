"""`GET /test-sessions/{id}/export`: a session of any size as one file, streamed while it is read."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from uuid import UUID

from flask import Response

from api.http.errors import or_404
from api.http.streaming import streamed_file
from api.openapi.resource import Resource
from api.routes import sessions
from api.routes.pruned import refuse_pruned
from api.routes.runs import described
from api.schemas.runs import ExportQuery, StoredRun
from api.schemas.sessions import SessionDetail, SessionExport
from api.tables.csv_lines import CONTENT_TYPE, csv_lines
from api.tables.outlines import run_outlines
from api.tables.rows import Row, run_row
from common.free_json import Json
from common.store import runs
from common.store import sessions as stored_sessions
from common.store.tables import Test

resource = Resource("export", __name__, description="A session as a file.")


@resource.operation(
    "GET",
    "/test-sessions/<uuid:session_id>/export",
    name="exportSession",
    answer=(200, None),
    returns="The session as a file.",
    content={"application/json": SessionExport, "text/csv": {"type": "string"}},
    query=ExportQuery,
    failures=(HTTPStatus.NOT_FOUND, HTTPStatus.GONE),
)
def export(query: Json, session_id: UUID) -> Response:
    """Return a session with all its runs as a file.

    It is JSON, or CSV with one row per run. The file is streamed, so a session of any size can be exported. If the runs
    were deleted because the session is old, JSON has `prunedAt` and no runs, and CSV is refused with 410.
    """
    name = f"gait-{session_id}.{query['format']}"
    if query["format"] == "csv":
        return streamed_file(_csv(session_id), CONTENT_TYPE, name)
    session = sessions.read(session_id)
    return streamed_file(_json(session, stored_sessions.tests(str(session_id))), "application/json", name)


def _json(session: Json, tests: list[Test]) -> Iterator[str]:
    """Yield the session as in `GET /test-sessions/{id}`, with `runs` at its end."""
    schema, before = StoredRun(), ""
    yield f"{_dumped(SessionDetail().dump(session))[:-1]},\n"
    yield '"runs": ['
    for numbered in runs.whole_runs(tests):
        yield f"{before}\n{_dumped(schema.dump(described(numbered)))}"
        before = ","
    yield "\n]}\n"


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _csv(session_id: UUID) -> Iterator[str]:
    session = or_404(stored_sessions.session_outline(str(session_id)), session_id)
    refuse_pruned(session, "runs")
    tests = list(session.tests)

    def rows() -> Iterator[Row]:
        return (run_row(session, numbered) for numbered in runs.whole_runs(tests))

    return csv_lines(rows, runs.count(tests), lambda: run_outlines(tests))
