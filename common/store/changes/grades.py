"""The grade of a session: the worst of its results."""

from common.catalogue.grades import worst
from common.store.reads import sessions
from common.store.tables import Session


def store(session_id: str) -> None:
    """Store the grade of a session whose results are stored."""
    Session.update(grade=worst(sessions.grades(session_id))).where(Session.id == session_id).execute()
