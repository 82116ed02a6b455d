"""Writes of inventories of machines, each stored once."""

from common.machines import fingerprint
from common.store.tables import Hardware
from common.values.free_json import Json


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
