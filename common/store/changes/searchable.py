"""What searches find sessions by: their texts and tags, which follow their names, notes and tags."""

from common.store.changes import inventories
from common.store.search_tables import SessionTag, SessionText
from common.store.tables import Session


def add(session: Session) -> None:
    """Let searches find a new session."""
    found = _tags(session)
    SessionText.create(session=session, text=_text(session, found))
    SessionTag.insert_many([{"session": session, "tag": tag} for tag in found]).execute()


def renew(session: Session) -> None:
    """Let searches find a session as it is now. Its row must be locked, so that no other process changes it."""
    found = _tags(session)
    SessionText.update(text=_text(session, found)).where(SessionText.session == session).execute()
    SessionTag.delete().where(SessionTag.session == session, SessionTag.tag.not_in(found)).execute()
    rows = [{"session": session, "tag": tag} for tag in found]
    SessionTag.insert_many(rows).on_conflict_ignore().execute()


def _tags(session: Session) -> list[str]:
    """Return the user's tags and those of the models, in lower case."""
    of_models = (tag for model in session.models for tag in model["tags"])
    return sorted({tag.lower() for tag in (*session.tags, *of_models)})


def _text(session: Session, tags: list[str]) -> str:
    """Return the text that searches look in, in lower case. Hardware may be unknown until the session starts."""
    models = (model["name"] for model in session.models)
    words = (session.id, session.name, session.host, *models, *session.test_types, *tags, session.note)
    text = " ".join(word for word in words if word).lower()
    return f"{text} {inventories.searchable(session.hardware)}" if session.hardware else text
