"""Keep each inventory as it was: a row is known by its content, and its fingerprint says which machine it is.

Before, a machine had one row, which each of its sessions overwrote. The row belongs to the session that started last.
Of its other sessions only the parts in the fingerprint are known: the rest becomes null, with the reason in `missing`.
"""
import hashlib
import json
import logging

from peewee import *

logger = logging.getLogger(__name__)

LOST = {
    "cpu": ("frequency", "microcode"),
    "ram": ("type", "frequency"),
    "storage": ("type", "size"),
    "os": ("name", "version"),
    "bios": ("vendor", "version", "date"),
}
"""What no fingerprint has ever covered."""
LIMITS = ("cpus", "memory", "container", "hypervisor")
COVERS_LIMITS = 16
"""Length of the fingerprints that cover the limits. Shorter ones, of the first releases, do not."""
REASON = "not kept: the release that measured this overwrote it with a later session's inventory"


class Hardware(Model):
    digest = CharField(primary_key=True, max_length=16)
    fingerprint = CharField(max_length=16)
    inventory = JSONField()
    text = TextField()

    class Meta:
        table_name = "hardware"


class Session(Model):
    id = CharField(primary_key=True)
    hardware_id = CharField(null=True)
    started_at = DateTimeField(null=True)

    class Meta:
        table_name = "session"


def up(migrator, db):
    # Renaming keeps the foreign key of the sessions on both databases.
    migrator.migrate(migrator.rename_column("hardware", "fingerprint", "digest"))
    db.execute_sql("ALTER TABLE hardware ADD COLUMN fingerprint VARCHAR(16) DEFAULT '' NOT NULL")
    with db.bind_ctx([Hardware, Session]):
        for machine in list(Hardware.select()):
            _divide(machine)
    migrator.migrate(migrator.add_index("hardware", ("fingerprint",)))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("hardware", "hardware_fingerprint"))
    with db.bind_ctx([Hardware, Session]):
        for (fingerprint,) in list(Hardware.select(Hardware.fingerprint).distinct().tuples()):
            _join(fingerprint)
    migrator.migrate(migrator.drop_column("hardware", "fingerprint"))
    migrator.migrate(migrator.rename_column("hardware", "digest", "fingerprint"))


def _divide(machine):
    """Give the machine's newest session its row, and the others a row of what is known of theirs."""
    fingerprint = machine.digest
    newest, *others = _of(fingerprint) or [None]
    digest = _store(fingerprint, machine.inventory, machine.text)
    if newest:
        Session.update(hardware_id=digest).where(Session.id == newest).execute()
    if others:
        known = _store(fingerprint, _converted(machine), machine.text)
        Session.update(hardware_id=known).where(Session.hardware_id == fingerprint).execute()
    Hardware.delete().where(Hardware.digest == fingerprint).execute()


def _converted(machine):
    try:
        return _known(machine.inventory, len(machine.digest) == COVERS_LIMITS)
    except Exception:  # whatever is odd about it, the other machines can be converted
        logger.warning("the inventory of machine %s has an unknown shape and stays as it is", machine.digest)
        return machine.inventory


def _join(fingerprint):
    """Give all sessions of the machine the row of the one that started last."""
    rows = Hardware.select().where(Hardware.fingerprint == fingerprint)
    digests = [row.digest for row in rows]
    newest = Session.select(Session.hardware_id).where(Session.hardware_id.in_(digests)).order_by(*_NEWEST).scalar()
    kept = next((row for row in rows if row.digest == newest), rows[0])
    Hardware.insert(digest=fingerprint, fingerprint="", inventory=kept.inventory, text=kept.text).execute()
    Session.update(hardware_id=fingerprint).where(Session.hardware_id.in_(digests)).execute()
    Hardware.delete().where(Hardware.digest.in_(digests)).execute()


_NEWEST = (Session.started_at.desc(), Session.id.desc())


def _of(machine):
    return [row[0] for row in Session.select(Session.id).where(Session.hardware_id == machine).order_by(*_NEWEST).tuples()]


def _store(fingerprint, inventory, text):
    digest = hashlib.sha256(json.dumps([fingerprint, inventory], sort_keys=True).encode()).hexdigest()[:16]
    values = {"fingerprint": fingerprint, "inventory": inventory, "text": text}
    if not Hardware.update(**values).where(Hardware.digest == digest).execute():
        Hardware.insert(digest=digest, **values).execute()
    return digest


def _known(inventory, covers_limits):
    """The inventory without what its fingerprint leaves out."""
    lost = LOST if covers_limits else {**LOST, "limits": LIMITS}
    found = {**inventory, "missing": {}}
    for part, names in lost.items():
        found[part] = {name: None if name in names else value for name, value in (inventory.get(part) or {}).items()}
        found["missing"].update({f"{part} {name}": REASON for name in names})
    return found
