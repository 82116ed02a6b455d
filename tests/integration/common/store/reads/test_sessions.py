"""Sessions, and lists of them."""

from collections.abc import Iterable
from typing import Any

import pytest
from peewee import IntegrityError

from common.store.changes import circumstances, writes
from common.store.reads import sessions
from common.store.reads.lists import sessions as lists
from common.store.reads.lists.sessions import SessionFilter
from common.store.reads.lists.tests import listed_tests
from common.store.tables import Session, Status
from testbed.stored.sessions import OPTIONS, claim, create, ended, finished_run, model, new_session

pytestmark = pytest.mark.usefixtures("tables")

RYZEN = {"cpu": {"model": "AMD Ryzen 9"}, "gpu": [{"model": "RTX 4090"}], "os": {"name": "Debian"}}


def found(
    search: str | None = None, tags: Iterable[str] = (), page: int = 1, limit: int = 100, **wanted: Any
) -> list[str]:
    """Return the names of the sessions on the page."""
    page_of, _ = lists.sessions(SessionFilter(search, tags, **wanted), page, limit)
    return [session.name or "" for session in page_of]


# One session


def test_a_session_comes_with_all_that_belongs_to_it_in_order() -> None:
    session = create(models=[model("b:1"), model("a:1")], test_types={"ttft": OPTIONS, "decode": OPTIONS})
    other = create()
    mine = claim(session)
    circumstances.describe_machine(mine, RYZEN, "0.9.3")
    tests = sessions.tests(session.id)
    for text in "zya":
        writes.log(mine, tests[0], text)
    writes.log(claim(other), sessions.tests(other.id)[0], "of another")
    whole = sessions.session(session.id)
    assert whole is not None
    assert whole.hardware is not None
    assert whole.hardware.inventory == RYZEN
    assert [(test.model, test.test_type) for test in whole.tests] == [(t.model, t.test_type) for t in tests]
    assert [line.text for line in whole.tests[0].log_lines] == ["z", "y", "a"]
    assert sessions.session("nobody") is None


def test_a_session_without_machine_is_found_too() -> None:
    session = sessions.session(create().id)
    assert session is not None
    assert session.hardware is None


def test_a_session_is_found_by_its_key() -> None:
    session = create(idempotency_key="k")
    assert sessions.sessions_by_idempotency_key(None, "k") == [session]
    assert sessions.sessions_by_idempotency_key(None, "other") == []


def test_a_group_is_found_by_the_key_of_its_first() -> None:
    create(name="alone", host="a")
    keyed = [
        new_session(name=host, host=host, group="g", idempotency_key="k" if host == "a" else None) for host in "ab"
    ]
    made, new = writes.create_sessions(keyed)
    assert new
    assert sessions.sessions_by_idempotency_key(None, "k") == made
    again, new = writes.create_sessions(keyed)
    assert (again, new) == (made, False)
    assert (found(group="g"), found(host="a"), found(host="a", group="g")) == (["b", "a"], ["a", "alone"], ["a"])
    writes.delete_session(made[1].id)
    assert sessions.sessions_by_idempotency_key(None, "k") == made[:1]


def test_of_a_group_all_are_stored_or_none() -> None:
    taken = create()
    with pytest.raises(IntegrityError):
        writes.create_sessions([new_session(group="g"), new_session(id=taken.id, group="g")])
    assert [session.id for session in Session.select()] == [taken.id]


# Lists of sessions


def test_the_newest_come_first_page_by_page() -> None:
    for number in range(7):
        create(name=str(number))
    assert found() == list("6543210")
    assert [found(page=page, limit=3) for page in (1, 2, 3, 4)] == [list("654"), list("321"), list("0"), []]
    assert lists.sessions(SessionFilter(), 2, 3)[1] == 7


def test_a_listed_session_has_its_hardware() -> None:
    ended(RYZEN, name="a", test_types={"ttft": OPTIONS, "decode": OPTIONS})
    create(name="b")
    (newest, first), _ = lists.sessions(SessionFilter(), 1, 10)
    assert newest.hardware is None
    assert first.hardware is not None
    assert first.hardware.inventory == RYZEN
    tests = listed_tests([newest.id, first.id])
    assert [[test.test_type for test in tests[session.id]] for session in (newest, first)] == [
        ["decode"],
        ["ttft", "decode"],
    ]


def test_the_search_looks_in_everything_whatever_the_case() -> None:
    ended(RYZEN, name="Nightly", tags=("Release",), models=[model("llama3.2:3b", "Q4_K_M")], host="rack-1")
    create(name="other", test_types={"ttft": OPTIONS})
    wanted = Session.select().where(Session.name == "Nightly").get()
    for outcome in ("nightly", "RELEASE", "llama3.2", "q4_k", "rack-1", "Decode", "ryzen 9", "rtx", wanted.id):
        assert found(outcome) == ["Nightly"], outcome
    assert found("nothing of the kind") == []


@pytest.mark.parametrize("wildcard", ["%", "_", "\\", "a%b", "*", "'", '"'])
def test_what_is_searched_for_is_taken_literally(wildcard: str) -> None:
    create(name="plain axb")
    create(name=f"has {wildcard} in it")
    expected = ["has a%b in it"] if wildcard == "a%b" else [f"has {wildcard} in it"]
    assert found(wildcard) == expected


def test_all_tags_must_match_and_both_kinds_count() -> None:
    create(name="both", tags=("Nightly",), models=[model("m:1", "llama"), model("m:2", "qwen")])
    create(name="one", tags=("nightly",))
    assert found(tags=["NIGHTLY"]) == ["one", "both"]
    assert found(tags=["nightly", "LLAMA", "qwen"]) == ["both"]
    assert found(tags=["nightly", "nightly"]) == ["one", "both"]
    assert found(tags=["night"]) == []
    assert found("both", tags=["nightly"]) == ["both"]
    assert lists.sessions(SessionFilter(tags=["nightly"]), 1, 1)[1] == 2


# Where a session stands


def test_the_state_counts_what_has_ended_and_what_runs() -> None:
    session = create(test_types=dict.fromkeys("abcd", OPTIONS))
    mine, tests = claim(session), sessions.tests(session.id)
    assert sessions.state(session.id, 50).progress == 12.5
    writes.complete_test(mine, tests[0], {})
    writes.fail_test(mine, tests[1], "why")
    state = sessions.state(session.id, 50)
    assert (state.status, state.completed_tests, state.failed_tests, state.total_tests) == ("running", 2, 1, 4)
    assert state.progress == 62.5
    for test in tests[2:]:
        writes.complete_test(mine, test, {})
    writes.finish_session(mine)
    assert sessions.state(session.id, 100).progress == 100
    assert sessions.state(session.id).status == Status.COMPLETED


def test_the_unfinished_are_the_oldest_first() -> None:
    first, second, done, elsewhere = create(), create(), create(), create(host="other")
    writes.cancel_session(done.id)
    assert [session.id for session in sessions.unfinished()] == [first.id, second.id, elsewhere.id]
    assert [session.id for session in sessions.unfinished("local")] == [first.id, second.id]


def test_runs_are_in_the_order_in_which_they_were_stored() -> None:
    session = create()
    mine, (test,) = claim(session), sessions.tests(session.id)
    for repetition in (3, 1, 2):
        writes.save_run(mine, finished_run(test, repetition))
    assert [run.repetition for run in sessions.runs(test)] == [3, 1, 2]


def test_the_open_sessions_of_an_owner_are_those_that_wait_or_run() -> None:
    for owner in ("mine", "mine", "another", None):
        create(owner=owner)
    claim(create(owner="mine"))
    ended(owner="mine")
    assert writes.cancel_session(create(owner="mine").id)
    assert [sessions.open_sessions(owner) for owner in ("mine", "another", None, "nobody")] == [3, 1, 1, 0]


def test_a_session_with_its_tests_is_there_or_not() -> None:
    session = create(test_types={"ttft": OPTIONS, "decode": OPTIONS})
    found = sessions.session_with_baselines(session.id)
    assert found is not None
    assert [test.test_type for test in found.tests] == ["ttft", "decode"]
    assert sessions.session_with_baselines("nowhere") is None
