"""Writes of inventories of machines, each stored once."""

from common.free_json import Json
from common.machines import fingerprint
from common.store.tables import Hardware


def save(inventory: Json) -> Hardware:
    """Store an inventory unless it is known, and return its row."""
    digest = fingerprint.digest(inventory)
    described = {
        "fingerprint": fingerprint.fingerprint(inventory),
        "inventory": inventory,
        "text": fingerprint.text(inventory),
    }
    Hardware.insert(digest=digest, **described).on_conflict_ignore().execute()
    known = Hardware.get_by_id(digest)
    if known.fingerprint != described["fingerprint"]:  # somebody imported it under a digest that is not its own
        Hardware.update(**described).where(Hardware.digest == digest).execute()
        return Hardware.get_by_id(digest)
    return known


def searchable(machine: Hardware) -> str:
    """Return the text by which searches find the sessions on this machine."""
    return f"{machine.fingerprint} {machine.text}"
