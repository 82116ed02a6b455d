"""Series of sessions, which lists show as one row: those of one name, of one schedule, or submitted together.

Each change of a series locks its row until the transaction ends, so the numbers are right whatever happens meanwhile.
"""

from common.store.search_tables import Series
from common.store.tables import Session

MAX_LENGTH = 255
"""Length of a key. Names that differ only beyond it share a series."""


def key_of(session: Session) -> str:
    """Return the key of a session's series, such as `name:nightly`. Imported sessions have their own."""
    known = (("name", session.name), ("schedule", session.schedule), ("group", session.group))
    kind, value = next(((kind, value) for kind, value in known if value), ("session", session.id))
    return f"{'imported ' if session.imported_at else ''}{kind}:{value}"[:MAX_LENGTH]


def join(session: Session) -> None:
    """Put a stored session into its series."""
    session.series = key_of(session)
    Session.update(series=session.series).where(Session.id == session.id).execute()
    own = {"newest": session.id, "newest_at": session.created_at}
    added = Series.insert(key=session.series, number=1, **own)
    added.on_conflict(conflict_target=[Series.key], update={Series.number: Series.number + 1}).execute()
    is_newer = (Series.newest_at < session.created_at) | (
        (Series.newest_at == session.created_at) & (Series.newest < session.id)
    )
    Series.update(own).where(Series.key == session.series, is_newer).execute()


def leave(key: str | None) -> None:
    """Update a series that a session has left, because it was deleted or has another series now."""
    if not Series.update(number=Series.number - 1).where(Series.key == key).execute():
        return
    found = Session.select(Session.id, Session.created_at).where(Session.series == key)
    newest = found.order_by(Session.created_at.desc(), Session.id.desc()).first()
    if newest is None:
        Series.delete().where(Series.key == key).execute()
    else:
        Series.update(newest=newest.id, newest_at=newest.created_at).where(Series.key == key).execute()


def move(session: Session) -> None:
    """Put a session whose name has changed into the series that it belongs to now."""
    before, after = session.series, key_of(session)
    if before == after:
        return
    for key in sorted(filter(None, (before, after))):  # in one order, so that two moves cannot deadlock
        Series.update(number=Series.number).where(Series.key == key).execute()
    join(session)
    leave(before)
