from datetime import datetime

import pytest
from peewee import IntegrityError

from common.store.changes import claims, writes
from common.store.reads import runs as stored_runs
from common.store.reads import sessions
from common.store.reads.runs import MachineDuringRun, RunMetrics, TestRuns
from common.store.tables import Session, Test
from testbed.stored.sessions import OPTIONS, claim, create, finished_run, only_test

pytestmark = pytest.mark.usefixtures("tables")


def of_two_points() -> tuple[Session, Test, Test]:
    """Return a session of two tests, the first with runs at two points, and its tests; another session is beside it."""
    session, other = create(test_types={"concurrency": {"users": [1, 4]}, "decode": OPTIONS}), create()
    mine = claim(session)
    first, second = sessions.tests(session.id)
    for users, repetition, rate in ((4, 1, None), (4, 2, 20.0), (1, 1, 30.5)):
        observed = {"decode": {"smClock": {"mean": 10.5 * repetition, "peak": 99.0}, "gpuTemperature": None}}
        record = {"window": [1000 * repetition, 5000], "observed": observed}
        metrics = {"decodeTokensPerSecond": rate, "loadTime": 1.0}
        writes.save_run(mine, finished_run(first, repetition, metrics, record, {"users": users}))
    writes.save_run(mine, finished_run(second, 1, {"loadTime": 2.0}))
    writes.save_run(claim(other), finished_run(sessions.tests(other.id)[0], 1))
    return session, first, second


def test_the_metrics_of_a_session_come_by_test_and_in_order() -> None:
    _, first, second = of_two_points()
    found = stored_runs.metrics([first, second], ["decodeTokensPerSecond"])
    assert list(found) == [first.id, second.id]
    assert found[first.id].points == [{"users": 1}, {"users": 4}]
    assert found[first.id].runs == [
        RunMetrics(1, 1, {"decodeTokensPerSecond": None}),
        RunMetrics(1, 2, {"decodeTokensPerSecond": 20.0}),
        RunMetrics(0, 1, {"decodeTokensPerSecond": 30.5}),
    ]
    assert stored_runs.metrics([second], []) == {second.id: TestRuns([{}], [RunMetrics(0, 1, {})])}


def test_what_the_readings_said_while_a_test_wrote() -> None:
    _, first, second = of_two_points()
    measures = ["smClock", "gpuTemperature"]
    assert stored_runs.machine_during_runs(first.id, measures, [2]) == [
        MachineDuringRun(2000.0, {"smClock": 21.0, "gpuTemperature": None})
    ]
    assert stored_runs.machine_during_runs(first.id, measures, []) == []
    assert stored_runs.machine_during_runs(second.id, measures) == [MachineDuringRun(None, dict.fromkeys(measures))]


def test_whole_runs_come_in_order_however_many_there_are() -> None:
    session, first, second = of_two_points()
    mine = claims.Claim(session.id, "me")
    many = 2 * stored_runs.RUNS_AT_ONCE
    for repetition in range(2, many + 1):
        writes.save_run(mine, finished_run(second, repetition))
    found = [(test.id, point, run.repetition) for test, run, point in stored_runs.whole_runs([first, second])]
    assert found[:3] == [(first.id, 1, 1), (first.id, 1, 2), (first.id, 0, 1)]
    assert found[3:] == [(second.id, 0, repetition) for repetition in range(1, many + 1)]


def test_a_page_of_runs() -> None:
    session, first, second = of_two_points()
    runs, total = stored_runs.page_of_runs(session.id, 2, 2)
    assert total == 4
    assert [(test.id, point, run.repetition) for test, run, point in runs] == [(first.id, 0, 1), (second.id, 0, 1)]
    assert stored_runs.page_of_runs(session.id, 3, 2) == ([], 4)


def test_the_points_of_each_test() -> None:
    session, first, second = of_two_points()
    assert stored_runs.points(session.id) == {first.id: [{"users": 1}, {"users": 4}], second.id: [{}]}


def test_conditions_are_the_same_in_any_order_of_their_names() -> None:
    session = create()
    mine, test = claim(session), only_test(session)
    writes.save_run(mine, finished_run(test, 1, conditions={"inputTokens": 32, "batchSize": 1}))
    with pytest.raises(IntegrityError):
        writes.save_run(mine, finished_run(test, 1, conditions={"batchSize": 1, "inputTokens": 32}))
    assert stored_runs.points(session.id) == {test.id: [{"batchSize": 1, "inputTokens": 32}]}


def test_log_lines_come_by_test_with_the_time_of_day() -> None:
    session = create(test_types={"ttft": OPTIONS, "decode": OPTIONS})
    mine = claim(session)
    first, second = sessions.tests(session.id)
    for test, text in ((second, "b"), (first, "z"), (first, "a")):
        writes.log(mine, test, text)
    found = stored_runs.logs([first.id, second.id])
    assert {test: [line[9:] for line in lines] for test, lines in found.items()} == {
        first.id: ["z", "a"],
        second.id: ["b"],
    }
    assert stored_runs.logs([second.id]).keys() == {second.id}
    assert all(datetime.strptime(line[:8], "%H:%M:%S") for lines in found.values() for line in lines)  # noqa: DTZ007 - a time of day
