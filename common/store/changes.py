"""The count of changes after which totals that were counted before are wrong."""

from common.store.tables import Deletions


def invalidate_totals() -> None:
    """Let lists count again, because a session was deleted, or came with an id that is not the newest."""
    counted = Deletions.insert(id=1, count=1)
    counted.on_conflict(conflict_target=[Deletions.id], update={Deletions.count: Deletions.count + 1}).execute()
