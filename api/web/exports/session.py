"""`GET /test-sessions/{id}/export`: a session of any size as one file, streamed while it is read."""

import json
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from uuid import UUID

from flask import Response

from api.formats.documents.writing import document
from api.formats.file_formats import OF_METRICS, OF_SESSIONS, media_types
from api.formats.tables.outlines import run_outlines
from api.formats.tables.point_statistics import PointStatistics
from api.formats.tables.rows import Row, run_row
from api.formats.tables.writers.by_format import OF_ROWS, Parts, of_tests
from api.http.responses.errors import or_404, refuse
from api.http.responses.streaming import streamed_file
from api.openapi.resource import Resource
from api.routes import unreadable
from api.routes.sessions import sessions
from api.routes.sessions.pruned_sessions import refuse_pruned
from api.routes.sessions.runs import described
from api.schemas.sessions.runs import ExportQuery, StoredRun
from api.schemas.sessions.sessions import SessionDetail, SessionExport
from api.web.exports.report.page import report
from common.store.reads import runs, whole_session
from common.store.reads import sessions as stored_sessions
from common.store.reads.lists.every_result import with_metrics
from common.store.tables import Session, Status, Test
from common.values.free_json import Json

resource = Resource("export", __name__, description="A session as a file.")


@resource.operation(
    "GET",
    "/test-sessions/<uuid:session_id>/export",
    name="exportSession",
    answer=(200, None),
    returns="The session as a file.",
    content={"application/json": SessionExport, **media_types(OF_SESSIONS)},
    query=ExportQuery,
    failures=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.GONE),
)
def export(query: Json, session_id: UUID) -> Response:
    """Return a session with all its runs as a file.

    `json` is the session as `GET /test-sessions/{id}` returns it, with its runs. `document` is what
    `POST /test-sessions/import` takes, of a session that has ended: 409 before. `csv`, `jsonl` and `parquet` have one
    row per run, `markdown` one per test. The file is streamed, so a session of any size can be exported. If the runs
    were deleted because the session is old, `prunedAt` says so, and formats that consist of runs are refused with 410.
    """
    kind = OF_SESSIONS[query["format"]]
    return streamed_file(_parts(kind.name, session_id), kind.content_type, f"gait-{session_id}.{kind.ending}")


def _parts(name: str, session_id: UUID) -> Parts:
    if name == "json":
        return _json(sessions.read(session_id), stored_sessions.tests(str(session_id)))
    if name == "document":
        return document(_ended(or_404(whole_session.session(str(session_id)), session_id)))
    session = or_404(stored_sessions.session_outline(str(session_id)), session_id)
    if name == "html":
        return report(session)
    if name not in OF_METRICS:
        refuse_pruned(session, "runs")
    return _rows(name, session) if name in OF_ROWS else of_tests(name, unreadable.readable(_completed(session)))


def _ended(session: Session) -> Session:
    if session.status == Status.RUNNING:
        refuse(HTTPStatus.CONFLICT, "The session is running. Export it as a document when it has ended, or cancel it.")
    return session


def _completed(session: Session) -> Iterator[Test]:
    """Yield the completed tests in their order, with session and metrics."""
    for test in session.tests:
        if test.status == Status.COMPLETED:
            yield from with_metrics([test])


def _rows(name: str, session: Session) -> Parts:
    """Yield a table of the runs."""
    tests = list(session.tests)

    def rows() -> Iterator[Row]:
        statistics = PointStatistics()
        return (
            run_row(session, each, statistics.at(each.test, each.run.conditions)) for each in runs.whole_runs(tests)
        )

    return OF_ROWS[name](rows, runs.count(tests), partial(run_outlines, tests))


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
