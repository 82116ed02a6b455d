"""The answer about what is no longer there because it was old."""

from http import HTTPStatus

from api.http.responses.errors import refuse
from common.store.tables import Session
from common.values.units import iso


def refuse_pruned(session: Session, what: str) -> None:
    """Refuse a request for `what`, such as `runs`, with 410 if it was deleted because the session is old."""
    if session.pruned_at:
        message = (
            f"The {what} of this session were deleted on {iso(session.pruned_at)}, because it was older than the"
            f" operator's RETENTION_DAYS. Its metrics are kept: see GET /test-sessions/{session.id}."
        )
        refuse(HTTPStatus.GONE, message)
