import pytest

from common.errors import ClaimLost, Conflict
from common.records.verdicts import VerdictRecord
from common.store.changes import circumstances, writes
from common.store.changes.claims import Claim
from common.store.reads import sessions as stored_sessions
from common.store.search_tables import SessionTag, SessionText
from common.store.tables import Hardware, LogLine, Phase, Run, Session, Status, Test
from testbed.stored.sessions import BASELINE, OPTIONS, claim, create, finished_run, model, new_session, only_test
from tests.support.processes.at_once import at_once

pytestmark = pytest.mark.usefixtures("tables")

INVENTORY = {"cpu": {"model": "Ryzen 9", "cores": 16}, "gpu": [{"model": "RTX 4090"}], "os": {"name": "Debian"}}


# Creating


def test_a_session_is_a_grid_of_tests_in_the_order_asked_for() -> None:
    types = {"ttft": OPTIONS, "decode": {**OPTIONS, "outputTokens": 99}}
    session = create(models=[model("b:1"), model("a:1")], test_types=types)
    tests = stored_sessions.tests(session.id)
    assert [(test.model, test.test_type) for test in tests] == [
        ("b:1", "ttft"),
        ("b:1", "decode"),
        ("a:1", "ttft"),
        ("a:1", "decode"),
    ]
    assert [test.options["outputTokens"] for test in tests] == [16, 99, 16, 99]
    assert {(test.status, test.phase) for test in tests} == {(Status.RUNNING, Phase.QUEUED)}
    assert (session.status, session.phase, session.claim) == (Status.RUNNING, Phase.QUEUED, None)


def test_tags_of_user_and_models_are_kept_once_in_lower_case() -> None:
    session = create(tags=("Nightly", "Llama"), models=[model("m:1", "llama", "Q4"), model("m:2", "q4")])
    assert sorted(row.tag for row in SessionTag.select()) == ["llama", "nightly", "q4"]
    assert session.tags == ["Nightly", "Llama"]


def test_a_session_is_stored_whole_or_not_at_all() -> None:
    with pytest.raises(Exception, match=r"(?i)unique"):
        create(models=[model("m:1"), model("m:1")])
    assert Session.select().count() == SessionTag.select().count() == Test.select().count() == 0


# Idempotency


def test_the_same_key_and_body_give_the_same_session() -> None:
    [first], new = writes.create_sessions([new_session(idempotency_key="k")])
    [again], new_again = writes.create_sessions([new_session(idempotency_key="k")])
    assert (first.id, new, new_again) == (again.id, True, False)
    assert Test.select().count() == 1


def test_the_same_key_with_another_body_is_a_conflict() -> None:
    create(idempotency_key="k")
    with pytest.raises(Conflict, match="'k' was used with another body"):
        create(idempotency_key="k", request_digest="other")


def test_an_idempotency_key_belongs_to_the_owner_that_sent_it() -> None:
    ids = {create(idempotency_key="k", owner=owner, request_digest=str(owner)).id for owner in (None, "a" * 16, "b")}
    assert len(ids) == 3
    assert create(idempotency_key="k", owner="b", request_digest="b").id in ids


def test_sessions_without_a_key_are_all_their_own() -> None:
    assert create().id != create().id


def test_a_key_used_at_once_makes_one_session() -> None:
    made = at_once(*[lambda: writes.create_sessions([new_session(idempotency_key="k")])] * 6)
    sessions = [found for found in made if isinstance(found, tuple)]
    assert len(sessions) == 6, made
    assert len({session.id for [session], _ in sessions}) == 1
    assert sorted(new for _, new in sessions) == [False] * 5 + [True]


# What workers write


def test_what_the_idle_machine_did_is_kept_with_its_test() -> None:
    session = create()
    mine, test = claim(session), only_test(session)
    assert test.baseline is None
    writes.save_baseline(mine, test, BASELINE)
    assert only_test(session).baseline == BASELINE


def test_verdicts_are_stored_with_their_lines_as_they_occur() -> None:
    session = create()
    mine, test = claim(session), only_test(session)
    verdicts = [
        VerdictRecord(name=name, severity="flags", evidence={"size": 1.5}, advice="look", point={})
        for name in ("a", "b")
    ]
    for verdict in verdicts:
        writes.add_verdict(mine, only_test(session), verdict, f"{verdict['name']} (size 1.5)")
    assert only_test(session).verdicts == verdicts
    assert [line.text for line in LogLine.select().order_by(LogLine.id)] == ["a (size 1.5)", "b (size 1.5)"]
    claim(session, "another")
    with pytest.raises(ClaimLost):
        writes.add_verdict(mine, test, verdicts[0], "late")
    assert LogLine.select().count() == 2


def test_a_run_makes_a_claim_fruitful() -> None:
    session = create()
    claim(session, "first")
    mine = claim(session, "second")
    writes.save_run(mine, finished_run(only_test(session), 1, {"loadTime": 1.5, "queueTime": None}, {"seed": "s"}))
    assert Session.get_by_id(session.id).failed_claims == 0
    (run,) = stored_sessions.runs(only_test(session))
    assert (run.repetition, run.metrics) == (1, {"loadTime": 1.5, "queueTime": None})
    assert run.record["seed"] == "s"


def test_an_inventory_is_kept_once_and_stays_as_it_was() -> None:
    first, second, third = create(), create(), create()
    changed = {**INVENTORY, "bios": {"version": "2"}}
    for session, inventory in ((first, INVENTORY), (second, changed), (third, INVENTORY)):
        circumstances.describe_machine(claim(session), inventory, "0.9.3")
    owners = [Session.get_by_id(session.id) for session in (first, second, third)]
    stored = [session.hardware for session in owners if session.hardware]
    assert [machine.inventory for machine in stored] == [INVENTORY, changed, INVENTORY]
    assert len({machine.fingerprint for machine in stored}) == 1
    assert Hardware.select().count() == 2
    assert "rtx 4090" in SessionText.get(SessionText.session == first).text
    assert Session.get_by_id(first.id).ollama_version == "0.9.3"


def test_a_session_that_is_resumed_is_described_no_longer_each_time() -> None:
    session = create()
    mine = claim(session)
    for _ in range(3):
        circumstances.describe_machine(mine, INVENTORY, "0.9.3")
    assert SessionText.get(SessionText.session == session).text.count("rtx 4090") == 1


def test_an_inventory_stays_from_the_first_run_on() -> None:
    session = create()
    mine = claim(session)
    second, third = ({**INVENTORY, "bios": {"version": version}} for version in ("2", "3"))
    circumstances.describe_machine(mine, INVENTORY, None)
    circumstances.describe_machine(mine, second, None)
    writes.save_run(mine, finished_run(only_test(session), 1, {}, {"seed": "s"}))
    circumstances.describe_machine(mine, third, None)
    assert stored_sessions.inventory(session.id) == second


def test_what_is_not_known_of_a_machine_stays_unknown() -> None:
    session = create()
    circumstances.describe_machine(claim(session), None, None)
    found = Session.get_by_id(session.id)
    assert (found.hardware, found.ollama_version, found.phase) == (None, None, Phase.MEASURING)


def test_the_start_of_a_test_is_its_first_phase() -> None:
    session = create()
    mine, test = claim(session), only_test(session)
    writes.set_phase(mine, test, Phase.PREPARING)
    started = only_test(session).started_at
    writes.set_phase(mine, test, Phase.MEASURING)
    assert started is not None
    assert (only_test(session).started_at, only_test(session).phase) == (started, Phase.MEASURING)


# Endings


def two_tests() -> tuple[Session, Claim, list[Test]]:
    session = create(test_types={"decode": OPTIONS, "ttft": OPTIONS})
    return session, claim(session), stored_sessions.tests(session.id)


def test_a_session_with_a_completed_test_is_completed() -> None:
    session, mine, (one, other) = two_tests()
    writes.complete_test(mine, one, {"x": 1})
    writes.fail_test(mine, other, "out of memory; take a smaller model")
    writes.finish_session(mine)
    ended = Session.get_by_id(session.id)
    assert (ended.status, ended.phase, ended.claim) == (Status.COMPLETED, Phase.FINISHED, None)
    assert ended.message == "1 of 2 tests failed; each says why"
    assert ended.finished_at is not None
    one, other = stored_sessions.tests(session.id)
    assert (one.status, (one.metrics or {})["x"], one.message) == (Status.COMPLETED, 1, None)
    assert (other.status, other.metrics, other.message) == (Status.ERROR, None, "out of memory; take a smaller model")


def test_a_session_without_a_failed_test_has_no_message() -> None:
    session, mine, tests = two_tests()
    for test in tests:
        writes.complete_test(mine, test, {})
    writes.finish_session(mine)
    assert (Session.get_by_id(session.id).status, Session.get_by_id(session.id).message) == (Status.COMPLETED, None)


def test_a_session_whose_tests_all_failed_is_an_error() -> None:
    session, mine, tests = two_tests()
    for test in tests:
        writes.fail_test(mine, test, "why")
    writes.finish_session(mine)
    assert Session.get_by_id(session.id).status == Status.ERROR


def test_a_session_that_cannot_go_on_takes_its_unfinished_tests_along() -> None:
    session, mine, (one, _) = two_tests()
    writes.complete_test(mine, one, {"x": 1})
    writes.fail_session(mine, "the host is gone")
    ended = Session.get_by_id(session.id)
    assert (ended.status, ended.message) == (Status.ERROR, "the host is gone")
    assert [(test.status, test.message) for test in stored_sessions.tests(session.id)] == [
        (Status.COMPLETED, None),
        (Status.ERROR, "the host is gone"),
    ]


def test_cancelling_ends_what_has_not_ended() -> None:
    session, mine, (one, _) = two_tests()
    writes.complete_test(mine, one, {"x": 1})
    assert writes.cancel_session(session.id)
    ended = Session.get_by_id(session.id)
    assert (ended.status, ended.phase, ended.claim) == (Status.ERROR, Phase.CANCELLED, None)
    assert [(test.status, test.phase) for test in stored_sessions.tests(session.id)] == [
        (Status.COMPLETED, Phase.FINISHED),
        (Status.ERROR, Phase.CANCELLED),
    ]
    assert not writes.cancel_session(session.id)
    assert not writes.cancel_session("nobody")


def test_deleting_takes_all_that_belongs_to_a_session_and_nothing_else() -> None:
    kept, gone = create(tags=("t",)), create(tags=("t",))
    for session in (kept, gone):
        mine, test = claim(session), only_test(session)
        circumstances.describe_machine(mine, INVENTORY, None)
        writes.log(mine, test, "line")
        writes.save_run(mine, finished_run(test, 1))
    assert writes.delete_session(gone.id)
    assert not writes.delete_session(gone.id)
    assert [table.select().count() for table in (Session, SessionTag, Test, Run, LogLine)] == [1] * 5
    assert Session.get().id == kept.id
    assert Session.get().hardware == Hardware.get()
