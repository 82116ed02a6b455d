"""Inventories of machines, each stored once."""

from common.free_json import Json
from common.machines import fingerprint
from common.store.tables import Hardware, Status, Test


def save(inventory: Json) -> Hardware:
    """Store an inventory unless it is known, and return its row."""
    digest, own = fingerprint.digest(inventory), fingerprint.fingerprint(inventory)
    known = keep(digest, own, inventory)
    if known.fingerprint != own:  # somebody imported it under a digest that is not its own
        Hardware.update(**_described(own, inventory)).where(Hardware.digest == digest).execute()
        return Hardware.get_by_id(digest)
    return known


def keep(digest: str, known_fingerprint: str, inventory: Json) -> Hardware:
    """Store an inventory under this digest and fingerprint unless the digest is known, and return its row."""
    described = _described(known_fingerprint, inventory)
    Hardware.insert(digest=digest, **described).on_conflict_ignore().execute()
    found: Hardware = Hardware.get_by_id(digest)
    return found


def _described(known_fingerprint: str, inventory: Json) -> Json:
    return {"fingerprint": known_fingerprint, "inventory": inventory, "text": fingerprint.text(inventory)}


def searchable(machine: Hardware) -> str:
    """Return the text by which searches find the sessions on this machine."""
    return f"{machine.fingerprint} {machine.text}"


def newest_on(host: str) -> Json | None:
    """Return the inventory that the newest completed test of a host was measured with, None if it is unknown."""
    tests = Test.select(Test.inventory).where(Test.status == Status.COMPLETED, Test.host == host)
    digest = tests.order_by(Test.finished_at.desc()).limit(1).scalar()
    found = Hardware.get_or_none(Hardware.digest == digest)
    return found.inventory if found else None
