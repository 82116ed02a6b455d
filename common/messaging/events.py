"""Progress messages: what workers and the API tell those who watch a session."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from redis import Redis

from common.catalogue.test_type import Point
from common.messaging import streams
from common.messaging.redis import PROGRESS, progress_of
from common.store.sessions import SessionState
from common.units import iso

KEPT_MESSAGES = 10_000

SECOND_MS = 1000


@dataclass(frozen=True)
class Event:
    """One message. `progress` (percent) is the test's; `complete` and `error` end a test.

    A message about the session as a whole has neither model nor test type.
    """

    type: Literal["progress", "complete", "error"]
    session_id: str
    session: SessionState
    phase: str
    model: str | None = None
    test_type: str | None = None
    progress: float = 0.0
    point: Point | None = None
    repetition: int | None = None
    metrics: dict[str, Any] | None = None
    error: str | None = None
    log: str | None = None


def publish(redis: Redis, event: Event) -> int:
    """Send the message to all who watch, keep it for those who come late, and return its seq."""
    told = {"metrics": event.metrics, "error": event.error, "log": event.log}
    body = _body(event) | {name: value for name, value in told.items() if value is not None}
    return streams.append(redis, body, PROGRESS, progress_of(event.session_id), keep=KEPT_MESSAGES)


def _body(event: Event) -> dict[str, Any]:
    """What every message has."""
    return {
        "type": event.type,
        "sessionId": event.session_id,
        "modelName": event.model,
        "testType": event.test_type,
        "progress": round(event.progress, 1),
        "phase": event.phase,
        "point": event.point,
        "repetition": event.repetition,
        "session": {
            "status": event.session.status,
            "progress": round(event.session.progress, 1),
            "completedTests": event.session.completed_tests,
            "totalTests": event.session.total_tests,
        },
    }


def on_the_wire(message: streams.Message) -> dict[str, Any]:
    """The message as a WebSocket client gets it, with its number and time."""
    seq, body = message
    at = datetime.fromtimestamp(seq / SECOND_MS, UTC).replace(tzinfo=None)
    return {"seq": seq, "at": iso(at), **body}
