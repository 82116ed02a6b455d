"""Progress messages of sessions, which workers and the API publish."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from redis import Redis

from common.catalogue.test_type import Point
from common.messaging import progress_memory, streams
from common.messaging.redis import PROGRESS, progress_of
from common.store.reads.sessions import SessionState
from common.values.units import iso

MAX_MESSAGES = 10_000

SECOND_MS = 1000


@dataclass(frozen=True)
class Event:
    """One message. `progress` is the test's in percent. The types `complete` and `error` end a test.

    A message about the whole session has an empty model and test type, and may have a `message` in words.
    """

    type: Literal["progress", "complete", "error"]
    session_id: str
    session: SessionState
    phase: str
    model: str = ""
    test_type: str = ""
    progress: float = 0.0
    point: Point | None = None
    repetition: int | None = None
    metrics: dict[str, Any] | None = None
    error: str | None = None
    log: str | None = None
    message: str | None = None


def publish(redis: Redis, event: Event) -> int:
    """Publish the message, store it for later subscribers, and return its seq."""
    seq = streams.append(redis, body(event), PROGRESS, progress_of(event.session_id), keep=MAX_MESSAGES)
    progress_memory.bound(redis, event.session_id, streams.DAY_S)
    return seq


def body(event: Event) -> dict[str, Any]:
    """Return the message as it is stored."""
    optional = {"metrics": event.metrics, "error": event.error, "log": event.log, "message": event.message}
    return _always(event) | {name: value for name, value in optional.items() if value is not None}


def _always(event: Event) -> dict[str, Any]:
    """Return the fields that every message has."""
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
            "failedTests": event.session.failed_tests,
            "totalTests": event.session.total_tests,
        },
    }


def client_message(message: streams.Message) -> dict[str, Any]:
    """Return the message as WebSocket clients receive it, with its seq and time."""
    seq, stored = message
    at = datetime.fromtimestamp(seq / SECOND_MS, UTC).replace(tzinfo=None)
    return {"seq": seq, "at": iso(at), **stored, **_names(stored)}


def _names(stored: dict[str, Any]) -> dict[str, str]:
    """Return the names of model and test type, which earlier releases stored as null if there was none."""
    return {name: stored[name] or "" for name in ("modelName", "testType") if name in stored}
