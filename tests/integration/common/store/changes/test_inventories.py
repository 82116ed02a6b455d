"""Migration 0010: sessions of one machine shared one inventory, that of the session that started last."""

from collections.abc import Iterator

import orjson
import pytest
from playhouse.migrations import Runner

from common.store.connections.schema import MIGRATIONS
from common.store.database import database, initialise
from common.store.tables import Hardware, Session
from testbed.stored.inventory import INVENTORY

LIMITS = {"cpus": 2, "memory": None, "container": "docker", "hypervisor": None}
STORED = {**INVENTORY, "limits": LIMITS, "missing": {"bios": "hidden"}}
MACHINES = {"0123456789abcdef": ("first", "last", "middle"), "0123456789ab": ("old", "older"), "fedcba9876543210": ()}
STARTS = {"first": 1, "last": 3, "middle": 2, "old": 5, "older": 4}
SESSION = (
    "INSERT INTO session (id, host, status, phase, models, test_types, tags, hardware_id, created_at, started_at,"
    ' "order", search, request_digest, failed_claims) VALUES'
    " ({0}, 'local', 'completed', 'finished', '[]', '[]', '[]', {0}, {0}, {0}, 'sequential', '', '', 0)"
)


@pytest.fixture
def runner(database_url: str) -> Iterator[Runner]:
    """Yield what migrates a database of the release before."""
    initialise(database_url)
    with database.connection_context():
        runner = Runner(database.obj, str(MIGRATIONS))
        runner.up("0009_plain_names")
        place = database.param
        for machine, sessions in MACHINES.items():
            hardware = f"INSERT INTO hardware (fingerprint, inventory, text) VALUES ({place}, {place}, 'ryzen')"  # noqa: S608 - a name of ours
            database.execute_sql(hardware, (machine, orjson.dumps(STORED).decode()))
            for session in sessions:
                at = f"2026-01-0{STARTS[session]} 12:00:00"
                database.execute_sql(SESSION.format(place), (session, machine, at, at))
        yield runner


def of(session: str) -> Hardware:
    found = Session.get_by_id(session).hardware
    assert found
    return found


def test_the_session_that_started_last_keeps_the_inventory(runner: Runner) -> None:
    runner.up()
    assert of("last").inventory == of("old").inventory == STORED
    assert {session: of(session).fingerprint for session in STARTS} == {
        session: machine for machine, sessions in MACHINES.items() for session in sessions
    }
    assert Hardware.select().count() == 5  # one of a machine without sessions


def test_of_the_others_only_what_the_fingerprint_covers_is_known(runner: Runner) -> None:
    runner.up()
    known = of("first").inventory
    assert known == of("middle").inventory
    assert known["cpu"] == {**INVENTORY["cpu"], "frequency": None, "microcode": None}
    assert (known["gpu"], known["limits"]) == (INVENTORY["gpu"], LIMITS)
    assert known["bios"] == dict.fromkeys(INVENTORY["bios"])
    assert "overwrote" in known["missing"]["bios version"]
    assert of("older").inventory["limits"] == dict.fromkeys(LIMITS)


def test_it_can_be_undone(runner: Runner) -> None:
    runner.up("0010_inventories")
    runner.down("0010_inventories")
    rows = database.execute_sql("SELECT fingerprint, CAST(inventory AS TEXT) FROM hardware").fetchall()
    assert sorted((machine, orjson.loads(inventory)) for machine, inventory in rows) == sorted(
        (machine, STORED) for machine in MACHINES
    )
    found = database.execute_sql("SELECT hardware_id, id FROM session").fetchall()
    assert sorted(found) == sorted((machine, session) for machine, some in MACHINES.items() for session in some)
