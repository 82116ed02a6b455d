"""`GET /test-sessions/{id}/telemetry`: the machine's readings while the session ran, and the phases of its runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from math import inf
from uuid import UUID

from api.conclusions.readings.downsampling import Chart
from api.conclusions.readings.phases import reduced
from api.http.redis import redis
from api.http.responses.errors import or_404
from api.openapi.resource import Resource
from api.routes.sessions.pruned_sessions import refuse_pruned
from api.schemas.sessions.telemetry import Telemetry, Window
from common.messaging.redis import clock_ms
from common.messaging.unstored_readings import stored_span, unstored
from common.records.machine import BaselineRecord, RunPhase
from common.store.reads import runs, sessions
from common.store.tables import Session, Status, Test
from common.values.free_json import Json
from common.values.units import epoch_ms, iso, moment

IDLE = "idle"
NO_READINGS: Json = {"hz": None, "thinned": False, "bucket": None, "at": [], "series": []}


@dataclass(frozen=True)
class Span:
    """The begin and end of a session's readings, in ms of Redis's clock. Those after `stored` are only in Redis."""

    start: int
    stored: int
    end: int


EMPTY = Span(0, -1, -1)

resource = Resource("telemetry", __name__, description="The readings of a session's machine.")


@resource.operation(
    "GET",
    "/test-sessions/<uuid:session_id>/telemetry",
    name="readTelemetry",
    answer=(200, Telemetry),
    query=Window,
    failures=(HTTPStatus.NOT_FOUND, HTTPStatus.GONE),
)
def read(query: Json, session_id: UUID) -> Json:
    """Return the readings of the machine while a session ran, and the phases of its runs.

    The session may still be running. Readings are reduced to at most `points` buckets. The answer is 410 if they were
    deleted because the session is old.
    """
    session = or_404(sessions.session_with_baselines(str(session_id)), session_id)
    refuse_pruned(session, "readings")
    window = _ms(query.get("start"), -inf), _ms(query.get("end"), inf)
    return {
        "session_id": session.id,
        "host": session.host,
        **_readings(session, query, window),
        "phases": _phases(session, window, query.get("phases")),
        "tests": [_test(test) for test in session.tests if test.started_at],
    }


def _readings(session: Session, query: Json, window: tuple[float, float]) -> Json:
    span = _span(session)
    start, end = max(span.start, window[0]), min(span.end, window[1])
    if start > end:
        return {"start": iso(query.get("start")), "end": iso(query.get("end")), **NO_READINGS}
    chart = Chart(int(start), int(end), query["points"])
    for series in sessions.series(session.id, chart.start, min(chart.end, span.stored)):
        chart.add(series)
    if span.stored < chart.end:
        for series in unstored(redis(), session.host, max(span.stored, chart.start - 1), chart.end):
            chart.add(series)
    return {"start": iso(moment(chart.start)), "end": iso(moment(chart.end)), **chart.document()}


def _span(session: Session) -> Span:
    if session.status == Status.RUNNING and session.started_at:
        now = clock_ms(redis())
        start, stored = stored_span(session.id, now)
        return Span(start, stored, now)
    found = sessions.series_span(session.id)
    return Span(*found, found[1]) if found else EMPTY


def _phases(session: Session, window: tuple[float, float], limit: int | None) -> Sequence[RunPhase]:
    """Return the phases that overlap the window, in order, at most `limit`."""
    idle = [_idle(test, test.baseline) for test in session.tests if test.baseline]
    start, end = window
    phases = (*idle, *runs.phases(session.id))
    found = [phase for phase in phases if phase["end"] >= start and phase["start"] <= end]
    found.sort(key=lambda phase: phase["start"])
    return found if limit is None else reduced(found, window, limit)


def _idle(test: Test, baseline: BaselineRecord) -> RunPhase:
    return {
        "phase": IDLE,
        "start": baseline["start"],
        "end": baseline["end"],
        "model_name": test.model,
        "test_type": test.test_type,
        "point": None,
        "repetition": None,
    }


def _test(test: Test) -> Json:
    return {
        "model_name": test.model,
        "test_type": test.test_type,
        "status": test.status,
        "start": epoch_ms(test.started_at) if test.started_at else None,
        "end": epoch_ms(test.finished_at) if test.finished_at else None,
    }


def _ms(time: datetime | None, default: float) -> float:
    return default if time is None else epoch_ms(time)
