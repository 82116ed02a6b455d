"""The event that a session has ended."""

from collections.abc import Iterable

from common.alerts.event_types import EventType
from common.errors import UnreadableRecord
from common.store.alerts.outbox import NewEvent
from common.store.fields import UNREADABLE, known
from common.store.reads.lists.headlines import HeadlineResult, headline_metrics
from common.store.tables import Phase, Session, Status, Test
from common.values.free_json import Json
from common.values.units import iso, now, text

MAX_LINES = 8
"""Results in the text of an event. A phone shows no more."""
MAX_RESULTS = 100
"""Results in its data."""
TYPES = {Status.COMPLETED: EventType.SESSION_FINISHED, Status.ERROR: EventType.SESSION_FAILED}
WORDS = {
    EventType.SESSION_FINISHED: "has finished",
    EventType.SESSION_FAILED: "has failed",
    EventType.SESSION_CANCELLED: "was cancelled",
}


def session_event(session: Session) -> NewEvent:
    """Return the event that a session has ended, with its results."""
    is_cancelled = session.phase == Phase.CANCELLED
    event_type = EventType.SESSION_CANCELLED if is_cancelled else TYPES[Status(session.status)]
    try:
        results, tests = _results(session)
        models, tags = [model["name"] for model in session.models], list(session.tags)
    except UnreadableRecord:
        results, tests, models, tags = [], 0, [], []
        session.message = UNREADABLE
    text = _text(session, WORDS[event_type], results, tests)
    data = {**_state(session), "tags": tags, "models": models, "results": results}
    return NewEvent(event_type, session.finished_at or now(), text, f"/sessions/{session.id}", data)


def _state(session: Session) -> Json:
    return {
        "sessionId": session.id,
        "name": session.name,
        "host": session.host,
        "status": session.status,
        "phase": session.phase,
        "message": session.message,
        "effort": session.effort,
        "startedAt": iso(session.started_at),
        "finishedAt": iso(session.finished_at),
    }


def _results(session: Session) -> tuple[list[Json], int]:
    """Return the results of completed tests by the metric that represents each, and the number of all tests."""
    tests = list(Test.select(Test.id, Test.model, Test.test_type, Test.status).where(Test.session == session.id))
    completed = [test for test in tests if test.status == Status.COMPLETED][:MAX_RESULTS]
    metrics = headline_metrics((test.id for test in completed), statistics=True)
    return [_result(test, metrics[test.id]) for test in completed if test.id in metrics], len(tests)


def _result(test: Test, result: HeadlineResult) -> Json:
    metrics = result.metrics
    headline = known(metrics.get("headline"))
    name = str(headline.get("name"))
    statistic = known(known(metrics.get("statistics")).get(name))
    return {
        "modelName": test.model,
        "testType": test.test_type,
        "metric": headline.get("name"),
        "value": statistic.get("value"),
        "ci95": statistic.get("ci95"),
        "unit": headline.get("unit"),
        "grade": result.grade,
        "finding": metrics.get("finding"),
    }


def _text(session: Session, happened: str, results: list[Json], tests: int) -> str:
    named = f"Session “{session.name}”" if session.name else "A session"
    first = f"{named} on {session.host} {happened}: {len(results)} of {tests} tests completed."
    reason = [session.message] if session.message and not results else []
    return "\n".join([first, *reason, *_lines(results)])


def _lines(results: list[Json]) -> Iterable[str]:
    for result in results[:MAX_LINES]:
        yield f"{result['modelName']}, {result['testType']}: {text(result['value'], result['unit'] or '')}"
    if len(results) > MAX_LINES:
        yield f"and {len(results) - MAX_LINES} more"
