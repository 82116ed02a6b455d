"""The last message to a client that follows a session which has ended."""

from api.http.urls import BASE
from api.live.websocket.hub import Message
from common.messaging import events
from common.store.reads import sessions
from common.store.tables import Session, Status
from common.values.free_json import Json
from common.values.units import epoch_ms, iso

ENDED = 1000, "The session has ended."


def is_end(body: Json) -> bool:
    """Return whether a progress message is the last of its session."""
    return bool(body["session"]["status"] != Status.RUNNING)


def end_message(session: Session) -> Message:
    """Return a message about the end of a session whose own messages are no longer kept. Its seq is the time."""
    ended_at = session.finished_at or session.created_at
    event = events.Event(
        "complete" if session.status == Status.COMPLETED else "error",
        session.id,
        sessions.state(session.id),
        session.phase,
        progress=100.0,
        error=session.message if session.status == Status.ERROR else None,
        message=f"The session ended at {iso(ended_at)}, and its messages are kept for a day after that. "
        f"GET {BASE}/test-sessions/{session.id} returns its results.",
    )
    return Message.from_stream((epoch_ms(ended_at), events.body(event)))
