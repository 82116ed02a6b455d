"""Changes of what people add to a session: its name, its tags, its note and its pin.

Workers never write these columns, so a session can be edited while it runs.
"""

from collections.abc import Mapping

from common.store.changes import searchable, series
from common.store.database import database
from common.store.search_tables import Deletions
from common.store.tables import Session


def edit(session_id: str, values: Mapping[str, object]) -> Session | None:
    """Change columns of a session, and what searches find it by. Return it as it is then, None if it does not exist."""
    with database.atomic():
        if session := locked(session_id):  # a worker may describe its machine at the same time
            changed = {name: value for name, value in values.items() if getattr(session, name) != value}
            if changed:
                _change(session, changed)
    return session


def locked(session_id: str) -> Session | None:
    """Return a session that others cannot change before this transaction ends, None if it does not exist."""
    if not Session.update(pinned=Session.pinned).where(Session.id == session_id).execute():
        return None
    session: Session = Session.get_by_id(session_id)
    return session


def _change(session: Session, changed: Mapping[str, object]) -> None:
    Session.update(**changed).where(Session.id == session.id).execute()
    for name, value in changed.items():
        setattr(session, name, value)
    searchable.renew(session)
    series.move(session)
    count(edits=1)


def count(*, deletions: int = 0, edits: int = 0) -> None:
    """Count deletions and edits, so that totals that depend on them are computed again."""
    counted = Deletions.insert(id=1, count=deletions, edits=edits)
    added = {Deletions.count: Deletions.count + deletions, Deletions.edits: Deletions.edits + edits}
    counted.on_conflict(conflict_target=[Deletions.id], update=added).execute()
