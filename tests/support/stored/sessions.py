"""Sessions in the database, as a worker stores them."""

from typing import Any

import uuid_utils

from common.catalogue.test_types import TEST_TYPES
from common.machines.fingerprint import digest, fingerprint, parts
from common.store.changes import circumstances, claims, writes
from common.store.reads import sessions
from common.store.tables import Session, Test
from testbed.stored.inventory import INVENTORY
from testbed.stored.sessions import store

TYPES = [TEST_TYPES["decode"], TEST_TYPES["ttft"]]
"""The test types of these sessions."""
HARDWARE: dict[str, Any] = {
    **INVENTORY,
    "gpu": [{**gpu, "shared": None, "vendor": None, "instances": []} for gpu in INVENTORY["gpu"]],
    "limits": dict.fromkeys(("cpus", "memory", "container", "hypervisor")),
    "missing": {},
    "host": "local",
    "fingerprint": {"id": fingerprint(INVENTORY), "parts": parts(INVENTORY)},
    "digest": digest(INVENTORY),
}
"""Their machine as the API gives it. What the inventory lacks is null."""
METRICS: dict[str, Any] = {
    "inferenceTime": 120.5,
    "tokensPerSecond": 42.0,
    "vramUsage": None,
    "statistics": {"tokensPerSecond": {"value": 42.0, "n": 3}, "inferenceTime": {"value": 120.5, "n": 3}},
    "verdicts": [],
    "points": [{"point": {"promptTokens": 64}, "runs": 3, "statistics": {}}],
    "software": None,
}


def model(name: str) -> dict[str, Any]:
    """Return a model as the API stores it with a session."""
    return {"name": name, "version": "0123456789ab", "digest": "0123456789ab" * 5, "size": 7, "tags": ["llama", "F16"]}


def queued(*models: str, host: str = "local", **values: Any) -> Session:
    """Store a waiting session with both test types for each model."""
    new = writes.NewSession(
        id=str(uuid_utils.uuid7()),
        host=host,
        models=[model(name) for name in models or ("tiny:latest",)],
        test_types={test_type.name: test_type.resolve({}) for test_type in TYPES},
        request_digest="0" * 64,
        **values,
    )
    return store(new)


def claimed(
    session: Session, inventory: dict[str, Any] | None = INVENTORY, ollama: str = "0.9.3"
) -> tuple[claims.Claim, list[Test]]:
    """Claim a session as a worker does. Return the claim and the tests."""
    claim = claims.Claim(session.id, "worker")
    claims.take(claim)
    circumstances.describe_machine(claim, inventory, ollama)
    return claim, sessions.tests(session.id)


def finished(*models: str, **values: Any) -> Session:
    """Store a session whose tests have all completed."""
    session = queued(*models, **values)
    claim, tests = claimed(session)
    for test in tests:
        writes.log(claim, test, "run 1 of 3")
        writes.complete_test(claim, test, METRICS)
    writes.finish_session(claim)
    return session
