"""Sessions as a client submits them."""

import hashlib
from typing import Any

import uuid_utils

from common.catalogue.test_type import Point
from common.records.machine import BaselineRecord
from common.store.changes import circumstances, claims, writes
from common.store.changes.claims import Claim
from common.store.changes.writes import NewSession
from common.store.reads import sessions
from common.store.tables import Run, Session, Test
from common.values.free_json import Json

BASELINE: BaselineRecord = {
    "start": 1,
    "end": 2,
    "usage": {"cpu": None},
    "observed": {
        "readings": 0,
        "duration": 1,
        "cpu": None,
        "gpu": None,
        "ram": None,
        "vram": None,
        "gpuPower": None,
        "gpuTemperature": None,
        "cpuTemperature": None,
        "smClock": None,
        "cpuFrequency": None,
        "energy": None,
    },
}
"""An idle baseline without readings."""
OPTIONS = {"promptTokens": 64, "outputTokens": 16, "contextLength": 512, "minRepetitions": 1, "maxRepetitions": 2}


def model(name: str = "tiny:latest", *tags: str) -> dict[str, Any]:
    """Return a model as the API stores it with a session."""
    digest = hashlib.sha256(name.encode()).hexdigest()  # as on the double
    return {"name": name, "version": digest[:12], "digest": digest, "size": 7, "tags": list(tags)}


def new_session(**changed: Any) -> NewSession:
    """Return a session of one model under `decode` on the host `local`, with changes. Ids rise in creation order."""
    usual = {
        "id": str(uuid_utils.uuid7()),
        "host": "local",
        "models": [model()],
        "test_types": {"decode": OPTIONS},
        "request_digest": "digest",
    }
    return NewSession(**{**usual, **changed})


def create(**changed: Any) -> Session:
    """Store a session as `new_session` returns it."""
    return store(new_session(**changed))


def store(new: NewSession) -> Session:
    """Store a session."""
    [session], _ = writes.create_sessions([new])
    return session


def finished_run(
    test: Test,
    repetition: int,
    metrics: Json | None = None,
    record: Json | None = None,
    conditions: Point | None = None,
) -> Run:
    """Return a finished run for `writes.save_run`."""
    values = {"conditions": conditions or {}, "metrics": metrics or {}, "record": record or {}}
    return Run(test=test, repetition=repetition, **values)


def claim(session: Session, by: str = "me") -> Claim:
    """Claim a session."""
    claim = Claim(session.id, by)
    assert claims.take(claim) is not None
    return claim


def ended(inventory: Json | None = None, **changed: Any) -> Session:
    """Store a session on a machine with this inventory, all of whose tests have completed."""
    session = create(**changed)
    mine = claim(session)
    circumstances.describe_machine(mine, inventory, "0.9.3")
    for test in sessions.tests(session.id):
        writes.complete_test(mine, test, {"tokensPerSecond": 7})
    writes.finish_session(mine)
    return session


def only_test(session: Session) -> Test:
    """Return the one test of a session."""
    (test,) = sessions.tests(session.id)
    return test
