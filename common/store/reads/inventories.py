"""Reads of inventories of machines."""

from common.store.reads.foreign_sessions import is_own
from common.store.tables import Hardware, Status, Test
from common.values.free_json import Json


def newest_on(host: str) -> Json | None:
    """Return the inventory that the newest completed test of a host was measured with, None if it is unknown.

    Imported sessions of another machine with this name do not describe it.
    """
    tests = Test.select(Test.inventory).where(Test.status == Status.COMPLETED, Test.host == host, is_own(Test.session))
    digest = tests.order_by(Test.finished_at.desc()).limit(1).scalar()
    found = Hardware.get_or_none(Hardware.digest == digest)
    return found.inventory if found else None
