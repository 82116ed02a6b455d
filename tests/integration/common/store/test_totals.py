import pytest

from common.store import totals, writes
from common.store.tables import Session, Status
from testbed.sessions import claim, create

pytestmark = pytest.mark.usefixtures("tables")


def test_an_empty_database() -> None:
    assert totals.unfinished() == []
    assert totals.ended() == {Status.COMPLETED: 0, Status.ERROR: 0}


def test_sessions_are_counted_by_host_and_phase() -> None:
    first, *_ = (create(), create(), create(), create(host="other"))
    claim(create(host="other"))
    found = {(part.host, part.phase): part for part in totals.unfinished()}
    assert {key: part.count for key, part in found.items()} == {
        ("local", "queued"): 3,
        ("other", "queued"): 1,
        ("other", "preparing"): 1,
    }
    assert found["local", "queued"].oldest == Session.get_by_id(first.id).created_at


def test_what_has_ended_is_counted_by_status() -> None:
    writes.cancel_session(create().id)
    writes.cancel_session(create().id)
    done = claim(create())
    writes.finish_session(done)
    assert sum(totals.ended().values()) == 3
    assert totals.ended()[Status.ERROR] >= 2
    assert totals.unfinished() == []


def test_before_a_session_are_those_of_its_host_that_have_not_ended() -> None:
    ended, *_, session, _ = (create(), create(host="other"), create(), create(), create())
    assert totals.before(session) == 2
    writes.cancel_session(ended.id)
    assert totals.before(session) == 1
