"""`GET /test-sessions/{id}/export`: a session of any size as one file, streamed while it is read."""

import csv
import io
import json
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, stream_with_context

from api.openapi.resource import Resource
from api.routes import sessions
from api.routes.runs import described
from api.schemas.runs import ExportQuery, StoredRun
from api.schemas.sessions import SessionDetail, SessionExport
from common.catalogue.metrics import METRICS
from common.free_json import Json
from common.store import runs
from common.store import sessions as stored_sessions
from common.store.tables import Run, Test
from common.units import iso

FIRST_COLUMNS = ("sessionId", "modelName", "testType", "point", "repetition", "date")
LAST_COLUMNS = ("rejected", "verdicts")
resource = Resource("export", __name__, description="A session as a file.")


@resource.operation(
    "GET",
    "/test-sessions/<uuid:session_id>/export",
    name="exportSession",
    answer=(200, None),
    returns="The session as a file.",
    content={"application/json": SessionExport, "text/csv": {"type": "string"}},
    query=ExportQuery,
    failures=(HTTPStatus.NOT_FOUND,),
)
def export(query: Json, session_id: UUID) -> Response:
    """Return a session with all its runs as a file.

    It is JSON, or CSV with one row per run. The file is streamed, so a session of any size can be exported.
    """
    session = sessions.read(session_id)
    tests = stored_sessions.tests(str(session_id))
    is_csv = query["format"] == "csv"
    lines = _csv(str(session_id), tests) if is_csv else _json(session, tests)
    return Response(
        stream_with_context(_yielding(lines)),
        content_type="text/csv; charset=utf-8" if is_csv else "application/json",
        headers={"Content-Disposition": f'attachment; filename="gait-{session_id}.{query["format"]}"'},
    )


def _yielding(lines: Iterator[str]) -> Iterator[str]:
    """Let other requests run after each line, because the API has one thread and sending rarely waits."""
    for line in lines:
        yield line
        time.sleep(0)


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


def _csv(session_id: str, tests: list[Test]) -> Iterator[str]:
    points = runs.points(session_id)
    names = list(dict.fromkeys(name for test in tests for point in points.get(test.id, ()) for name in point))
    yield _row([*FIRST_COLUMNS, *(f"conditions.{name}" for name in names), *METRICS, *LAST_COLUMNS])
    for test, run, point in runs.whole_runs(tests):
        yield _row(
            [
                *(session_id, test.model, test.test_type, point, run.repetition, iso(run.at)),
                *(run.conditions.get(name) for name in names),
                *(run.metrics.get(metric) for metric in METRICS),
                *_verdicts(run),
            ]
        )


def _verdicts(run: Run) -> tuple[str, str]:
    """Return the names of verdicts on rejected attempts before the run, and of verdicts on the run."""
    rejected, flagged = run.record.get("rejected") or (), run.record.get("verdicts") or ()
    return " ".join(verdict["name"] for verdict in rejected), " ".join(verdict["name"] for verdict in flagged)


def _row(values: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()
