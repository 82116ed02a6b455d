"""Sessions that another worker began, and sessions that are ended from outside."""

import pytest

from common.errors import ClaimLost
from common.store.changes import writes
from common.store.changes.reopening import reopen
from common.store.reads import sessions
from common.store.tables import Phase, Run, Session, Status, Test
from testbed.stored.sessions import OPTIONS, claim, create
from tests.integration.worker.sessions.session_lab import Killed, Lab, endings, of_types
from worker.procedure.blocks import shuffled
from worker.procedure.progress import publish_end, publish_last_end
from worker.sessions.runner import give_up

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]


@pytest.mark.parametrize("calls", [1, 4, 7, 9, 12, 15])
def test_the_next_worker_completes_a_session_after_a_death_at_any_call(lab: Lab, calls: int) -> None:
    session = of_types("decode", "ttft")
    lab.run_until_killed(session, calls)
    seen_before = len(lab.double.requests)
    assert lab.run(session, by="two", resumed=True).status == Status.COMPLETED
    tests = sessions.tests(session.id)
    assert [[run.repetition for run in sessions.runs(test)] for test in tests] == [[1, 2], [1, 2]]
    assert len(lab.double.requests) > seen_before
    assert len({seen.prompt for seen in lab.double.requests}) == len(lab.double.requests)


def test_a_cut_block_is_completed_in_its_order(lab: Lab) -> None:
    points = [64, 96, 128]
    options = OPTIONS | {"promptTokens": points, "minRepetitions": 3, "maxRepetitions": 3}
    session = create(test_types={"context-depth": options})

    def die() -> None:
        if Run.select().count() == 4:
            raise Killed

    lab.checkpoint = die
    with pytest.raises(Killed):
        lab.run(session, by="one")
    lab.checkpoint = lambda: None
    lab.run(session, by="two", resumed=True)
    (test,) = sessions.tests(session.id)
    assert [(run.repetition, run.conditions["promptTokens"]) for run in Run.select().order_by(Run.id)] == [
        (block, points[number])
        for block in (1, 2, 3)
        for number in shuffled(range(3), int, f"{session.id} {test.id} {block}")
    ]


def test_a_failed_test_of_a_reopened_session_goes_on_after_its_counted_runs(lab: Lab) -> None:
    session = of_types("decode", "ttft")
    lab.checkpoint = lambda: lab.double.stop() if Run.select().count() == 3 else None
    assert lab.run(session).status == Status.COMPLETED
    decode, ttft = sessions.tests(session.id)
    assert (decode.status, ttft.status) == (Status.COMPLETED, Status.ERROR)
    kept = [run.id for run in Run.select()]
    lab.checkpoint = lambda: None
    lab.double.start()
    assert reopen(session.id) == 1
    assert Session.get_by_id(session.id).phase == Phase.QUEUED
    assert lab.run(session, by="two", resumed=True).status == Status.COMPLETED
    assert [(test.status, test.message) for test in sessions.tests(session.id)] == [(Status.COMPLETED, None)] * 2
    assert [[run.repetition for run in sessions.runs(test)] for test in (decode, ttft)] == [[1, 2], [1, 2]]
    assert [run.id for run in Run.select()][:3] == kept


def test_an_ended_test_is_published_again_but_not_measured_again(lab: Lab) -> None:
    session = of_types("decode", "ttft")
    one = claim(session, "one")
    decode, _ = sessions.tests(session.id)
    writes.complete_test(one, decode, {"tokensPerSecond": 7})
    lab.run(session, by="two", resumed=True)
    assert endings(lab.messages(session)) == [
        ("complete", "tiny:latest", "decode"),
        ("complete", "tiny:latest", "ttft"),
    ]
    assert (sessions.tests(session.id)[0].metrics or {})["tokensPerSecond"] == 7
    assert not sessions.runs(decode)


def test_a_session_whose_tests_have_all_ended_is_only_finished(lab: Lab) -> None:
    session = of_types("decode")
    one = claim(session, "one")
    writes.complete_test(one, sessions.tests(session.id)[0], {})
    publish_end(lab.redis, sessions.tests(session.id)[0])
    assert lab.run(session, by="two", resumed=True).status == Status.COMPLETED
    assert not lab.double.requests
    assert [m["session"]["status"] for m in lab.messages(session)] == ["running", "completed"]


def test_a_published_end_is_not_published_again(lab: Lab) -> None:
    session = of_types("decode", "ttft")
    one = claim(session, "one")
    decode, _ = sessions.tests(session.id)
    writes.complete_test(one, decode, {})
    publish_end(lab.redis, sessions.test(decode.id))
    lab.run(session, by="two", resumed=True)
    assert [end[2] for end in endings(lab.messages(session))] == ["decode", "ttft"]
    publish_last_end(lab.redis, session.id)
    assert [end[2] for end in endings(lab.messages(session))] == ["decode", "ttft"]


def test_cancelling_stops_the_worker_at_its_next_write(lab: Lab) -> None:
    session = of_types("decode")

    def cancel() -> None:
        writes.cancel_session(session.id)

    lab.checkpoint = cancel
    with pytest.raises(ClaimLost):
        lab.run(session)
    (test,) = sessions.tests(session.id)
    assert (test.status, test.phase) == (Status.ERROR, Phase.CANCELLED)
    assert Session.get_by_id(session.id).phase == Phase.CANCELLED


def test_giving_up_publishes_the_end_of_each_unfinished_test(lab: Lab) -> None:
    session = of_types("decode", "ttft", "prefill")
    taken = claim(session)
    decode = sessions.tests(session.id)[0]
    writes.complete_test(taken, decode, {})
    give_up(lab.redis, taken, "the disk is full")
    assert endings(lab.messages(session)) == [("error", "tiny:latest", "ttft"), ("error", "tiny:latest", "prefill")]
    assert {m["error"] for m in lab.messages(session)} == {"the disk is full"}
    assert Session.get_by_id(session.id).status == Status.ERROR
    assert Test.select().where(Test.status == Status.RUNNING).count() == 0
