"""`GET /test-sessions/{id}/repeats`: what the repeats of a session show about its machine."""

from dataclasses import asdict
from http import HTTPStatus
from uuid import UUID

from api.conclusions.comparisons.repeated_sessions import repeated
from api.http.responses.errors import or_404
from api.openapi.resource import Resource
from api.schemas.sessions.repeats import Repeats
from common.store.reads import sessions
from common.values.free_json import Json

resource = Resource("repeats", __name__, description="What repeated sessions show.")


@resource.operation(
    "GET",
    "/test-sessions/<uuid:session_id>/repeats",
    name="readRepeats",
    answer=(200, Repeats),
    failures=(HTTPStatus.NOT_FOUND,),
)
def read(session_id: UUID) -> Json:
    """Return how far the sessions that were submitted together lie apart on this session's host.

    A session that is not repeated is alone in the list.
    """
    session = or_404(sessions.session_outline(str(session_id)), session_id)
    return {"session_id": session.id, **asdict(repeated(session))}
