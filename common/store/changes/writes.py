"""All writes to the database.

A worker writes under its claim to the session (common.store.changes.claims). Each write confirms the claim in the same
transaction, so a worker that was believed dead cannot change anything when it returns.
"""

from dataclasses import dataclass

from peewee import IntegrityError

from common.catalogue.effort import Effort
from common.catalogue.options import Value
from common.errors import KeyReused
from common.records.machine import BaselineRecord
from common.records.series import Series, encode
from common.records.test_metrics import spread
from common.records.verdicts import VerdictRecord
from common.store.changes import edits, inventories, results, searchable, series
from common.store.changes.claims import Claim, held
from common.store.database import database
from common.store.reads import sessions
from common.store.tables import (
    LogLine,
    Order,
    Phase,
    ReadingChunk,
    Result,
    Run,
    Session,
    Status,
    Test,
)
from common.values.free_json import Json
from common.values.units import now


@dataclass(frozen=True)
class NewSession:
    """A validated submission. `models` is a list of {name, version, digest, size, tags}.

    `test_types` maps the name of each test type to all of its options. `machine` is by default called as the host.
    `inventory` is that of the host's machine, None if it is unknown.
    """

    id: str
    host: str
    models: list[Json]
    test_types: dict[str, dict[str, Value]]
    request_digest: str
    group: str | None = None
    order: Order = Order.SEQUENTIAL
    effort: Effort = Effort.STANDARD
    name: str | None = None
    tags: tuple[str, ...] = ()
    idempotency_key: str | None = None
    owner: str | None = None
    ollama_version: str | None = None
    machine: str | None = None
    inventory: Json | None = None
    schedule: str | None = None


def check_writable() -> None:
    """Send a write that changes nothing, because a read-only database still answers.

    Raises:
        Unavailable: if the database cannot be used now.
    """
    Session.update(phase=Session.phase).where(Session.id == "").execute()


def create_sessions(submitted: list[NewSession]) -> tuple[list[Session], bool]:
    """Store sessions that were submitted together, with their tests: all of them or none.

    Return the sessions, and whether they are new. Only the first has the idempotency key, the others share its group.

    Raises:
        KeyReused: if the idempotency key was used with another body.
    """
    key, digest = submitted[0].idempotency_key, submitted[0].request_digest
    try:
        with database.atomic():
            return [_insert_session(new) for new in submitted], True
    except IntegrityError:
        earlier = sessions.sessions_by_idempotency_key(submitted[0].owner, key) if key else []
        if not earlier:
            raise
    if earlier[0].request_digest != digest:
        raise KeyReused(key)
    return earlier, False


def _insert_session(new: NewSession) -> Session:
    machine = inventories.save(new.inventory) if new.inventory else None
    session = Session.create(**_row(new), hardware=machine)
    searchable.add(session)
    series.join(session)
    cells = [(model["name"], kind, options) for model in new.models for kind, options in new.test_types.items()]
    tests = [
        {
            "session": session,
            "position": position,
            "model": name,
            "test_type": kind,
            "options": options,
            "host": new.host,
            "inventory": machine and machine.digest,
        }
        for position, (name, kind, options) in enumerate(cells)
    ]
    Test.insert_many(tests).execute()
    return session


def _row(new: NewSession) -> Json:
    return {
        "id": new.id,
        "group": new.group,
        "schedule": new.schedule,
        "name": new.name,
        "host": new.host,
        "machine": new.machine or new.host,
        "models": new.models,
        "test_types": list(new.test_types),
        "order": new.order,
        "effort": new.effort,
        "tags": list(new.tags),
        "created_at": now(),
        "idempotency_key": new.idempotency_key and sessions.idempotency(new.owner, new.idempotency_key),
        "request_digest": new.request_digest,
        "owner": new.owner,
        "ollama_version": new.ollama_version,
    }


def set_machine(session_id: str, machine: str) -> None:
    """Store that a waiting session waits for another machine."""
    Session.update(machine=machine).where(Session.id == session_id).execute()


def delete_session(session_id: str) -> bool:
    """Delete a session with everything that belongs to it. Return whether it existed."""
    with database.atomic():
        if session := edits.locked(session_id):
            session.delete_instance()
            series.leave(session.series)
        edits.count(deletions=1)
    return session is not None


def cancel_session(session_id: str) -> bool:
    """End a running session and its unfinished tests as cancelled. Return False if it had already ended."""
    ended = {"status": Status.ERROR, "phase": Phase.CANCELLED, "finished_at": now(), "message": "cancelled by request"}
    with database.atomic():
        running = (Session.id == session_id) & (Session.status == Status.RUNNING)
        if not Session.update(**ended, claim=None).where(running).execute():
            return False
        Test.update(**ended).where((Test.session == session_id) & (Test.status == Status.RUNNING)).execute()
    return True


def set_phase(claim: Claim, test: Test, phase: Phase) -> None:
    with held(claim):
        Test.update(phase=phase).where(Test.id == test.id).execute()
        Test.update(started_at=now()).where((Test.id == test.id) & Test.started_at.is_null()).execute()


def log(claim: Claim, test: Test, text: str) -> None:
    """Add a line to the test's log."""
    with held(claim):
        LogLine.create(test=test, at=now(), text=text)


def save_baseline(claim: Claim, test: Test, baseline: BaselineRecord) -> None:
    """Store the idle baseline of a test: `{start, end, usage, observed}`."""
    with held(claim):
        Test.update(baseline=baseline).where(Test.id == test.id).execute()


def add_verdict(claim: Claim, test: Test, verdict: VerdictRecord, text: str) -> None:
    """Store a verdict that was found while the test is measured, with a line of its log."""
    test.verdicts = [*(test.verdicts or []), verdict]
    with held(claim):
        Test.update(verdicts=test.verdicts).where(Test.id == test.id).execute()
        LogLine.create(test=test, at=now(), text=text)


def save_run(claim: Claim, run: Run) -> None:
    """Store a finished run. (test, conditions, repetition) is unique."""
    run.at = now()
    with held(claim):
        run.save(force_insert=True)
        Session.update(failed_claims=0).where(Session.id == claim.session_id).execute()


def save_series(claim: Claim, series: Series) -> None:
    """Store at least one reading of the session's host. The readings must follow those already stored."""
    data = encode(series)
    with held(claim):
        ReadingChunk.create(session=claim.session_id, start=series.at[0], end=series.at[-1], data=data)


def complete_test(claim: Claim, test: Test, metrics: Json) -> None:
    """End a test that was measured, with the metrics of `TestMetrics`."""
    with held(claim):
        stored = Result.insert(test=test.id, **(columns := spread(metrics)))
        stored.on_conflict(conflict_target=[Result.test], preserve=list(columns)).execute()
        results.store_medians(test, metrics)
        _end_test(test, status=Status.COMPLETED)


def fail_test(claim: Claim, test: Test, message: str) -> None:
    """End a test that cannot be measured. `message` has the cause and the action."""
    with held(claim):
        _end_test(test, status=Status.ERROR, message=message)


def _end_test(test: Test, **values: object) -> None:
    Test.update(phase=Phase.FINISHED, finished_at=now(), **values).where(Test.id == test.id).execute()


def finish_session(claim: Claim) -> None:
    """End a session whose tests have all ended. Its status is `error` only if none of them completed."""
    with held(claim):
        tests = list(Test.select().where(Test.session == claim.session_id))
        failed = sum(test.status == Status.ERROR for test in tests)
        message = f"{failed} of {len(tests)} tests failed; each says why" if failed else None
        status = Status.ERROR if failed == len(tests) else Status.COMPLETED
        _end_session(claim, status, message)
        results.store_grade(claim.session_id)


def fail_session(claim: Claim, message: str) -> None:
    """End a session that cannot continue, with its unfinished tests."""
    with held(claim):
        unfinished = (Test.session == claim.session_id) & (Test.status == Status.RUNNING)
        ended = {"status": Status.ERROR, "phase": Phase.FINISHED, "finished_at": now(), "message": message}
        Test.update(**ended).where(unfinished).execute()
        _end_session(claim, Status.ERROR, message)


def _end_session(claim: Claim, status: Status, message: str | None) -> None:
    ended = {"status": status, "phase": Phase.FINISHED, "message": message, "finished_at": now(), "claim": None}
    Session.update(**ended).where(Session.id == claim.session_id).execute()
