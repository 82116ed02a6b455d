from collections.abc import Callable

import pytest

from common.errors import ClaimLost
from common.store.changes import circumstances, claims, writes
from common.store.changes.claims import Claim
from common.store.tables import LogLine, Phase, Run, Session, Test
from testbed.stored.sessions import BASELINE, claim, create, finished_run, only_test
from tests.support.processes.at_once import at_once

pytestmark = pytest.mark.usefixtures("tables")


def test_a_claim_holds_until_another_is_made_or_the_session_ends() -> None:
    session = create()
    first = claim(session, "first")
    assert claims.holds(first)
    second = claim(session, "second")
    assert (claims.holds(first), claims.holds(second)) == (False, True)
    writes.cancel_session(session.id)
    assert not claims.holds(second)


def test_the_last_claim_holds() -> None:
    session = create()
    claim(session, "first")
    claim(session, "second")
    taken = Session.get_by_id(session.id)
    assert (taken.claim, taken.phase, taken.failed_claims) == ("second", Phase.PREPARING, 2)


def test_the_start_is_that_of_the_first_claim() -> None:
    session = create()
    claim(session, "first")
    started = Session.get_by_id(session.id).started_at
    claim(session, "second")
    assert started is not None
    assert Session.get_by_id(session.id).started_at == started


def test_only_the_claim_that_an_outage_ended_is_excused() -> None:
    session = create()
    first, second = claim(session, "first"), claim(session, "second")
    for excused, left in ((first, 2), (second, 1), (Claim("missing", "token"), 1)):
        claims.excuse(excused)
        assert Session.get_by_id(session.id).failed_claims == left


def test_what_is_claimed_at_once_is_held_by_one() -> None:
    session = create()
    rivals = [Claim(session.id, str(number)) for number in range(6)]
    at_once(*[lambda one=one: claims.take(one) for one in rivals])
    test = only_test(session)
    outcomes = at_once(*[lambda one=one: writes.log(one, test, one.token) for one in rivals])
    holder = Session.get_by_id(session.id).claim
    assert [line.text for line in LogLine.select()] == [holder]
    assert sum(isinstance(outcome, ClaimLost) for outcome in outcomes) == 5


@pytest.mark.parametrize("end", ["cancelled", "finished", "failed", "deleted"])
def test_what_has_ended_cannot_be_claimed(end: str) -> None:
    session = create()
    mine = claim(session)
    endings: dict[str, Callable[[], object]] = {
        "cancelled": lambda: writes.cancel_session(session.id),
        "finished": lambda: writes.finish_session(mine),
        "failed": lambda: writes.fail_session(mine, "why"),
        "deleted": lambda: writes.delete_session(session.id),
    }
    endings[end]()
    assert claims.take(Claim(session.id, "late")) is None


WRITES: dict[str, Callable[[Claim, Test], object]] = {
    "describe_machine": lambda mine, _: circumstances.describe_machine(mine, {"cpu": {"model": "Ryzen 9"}}, "9"),
    "set_phase": lambda mine, test: writes.set_phase(mine, test, Phase.MEASURING),
    "log": lambda mine, test: writes.log(mine, test, "text"),
    "save_baseline": lambda mine, test: writes.save_baseline(mine, test, BASELINE),
    "save_run": lambda mine, test: writes.save_run(mine, finished_run(test, 1)),
    "complete_test": lambda mine, test: writes.complete_test(mine, test, {"x": 1}),
    "fail_test": lambda mine, test: writes.fail_test(mine, test, "why"),
    "finish_session": lambda mine, _: writes.finish_session(mine),
    "fail_session": lambda mine, _: writes.fail_session(mine, "why"),
}


def everything() -> list[object]:
    """All rows of the tables that a worker writes to."""
    return [list(table.select().dicts()) for table in (Session, Test, Run, LogLine)]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("loss", ["taken over", "cancelled", "deleted"])
def test_a_worker_thought_dead_changes_nothing(write: str, loss: str) -> None:
    session = create()
    zombie, test = claim(session, "zombie"), only_test(session)
    losses: dict[str, Callable[[], object]] = {
        "taken over": lambda: claim(session, "other"),
        "cancelled": lambda: writes.cancel_session(session.id),
        "deleted": lambda: writes.delete_session(session.id),
    }
    losses[loss]()
    before = everything()
    with pytest.raises(ClaimLost, match="no longer claimed by this worker"):
        WRITES[write](zombie, test)
    assert everything() == before


def test_a_write_that_fails_leaves_nothing_of_itself() -> None:
    session = create()
    mine, test = claim(session), only_test(session)
    writes.save_run(mine, finished_run(test, 1, {"a": 1}))
    before = everything()
    with pytest.raises(Exception, match=r"(?i)unique"):
        writes.save_run(mine, finished_run(test, 1, {"a": 2}))
    assert everything() == before
