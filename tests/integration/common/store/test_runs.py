from datetime import datetime

import pytest

from common.store import claims, sessions, writes
from common.store import runs as stored_runs
from common.store.tables import Session, Test
from testbed.sessions import OPTIONS, claim, create, finished_run

pytestmark = pytest.mark.usefixtures("tables")


def of_two_points() -> tuple[Session, Test, Test]:
    """A session of two tests, the first with runs at two points, stored out of order; and one beside it."""
    session, other = create(test_types={"ttft": OPTIONS, "decode": OPTIONS}), create()
    mine = claim(session)
    first, second = sessions.tests(session.id)
    for point, repetition, rate in ((1, 1, 30.5), (0, 2, 20.0), (0, 1, None)):
        observed = {"decode": {"smClock": {"mean": 10.5 * repetition, "peak": 99.0}, "gpuTemperature": None}}
        record = {"window": [1000 * repetition, 5000], "observed": observed}
        run = finished_run(first, repetition, {"decodeTokensPerSecond": rate, "loadTime": 1.0}, record)
        run.point = point
        writes.save_run(mine, run)
    writes.save_run(mine, finished_run(second, 1, {"loadTime": 2.0}))
    writes.save_run(claim(other), finished_run(sessions.tests(other.id)[0], 1))
    return session, first, second


def test_the_figures_of_a_session_come_by_test_and_in_order() -> None:
    _, first, second = of_two_points()
    found = stored_runs.figures([first.id, second.id], ["decodeTokensPerSecond"])
    assert list(found) == [first.id, second.id]
    told = [(run.point, run.repetition, run.figures) for run in found[first.id]]
    assert told == [
        (0, 1, {"decodeTokensPerSecond": None}),
        (0, 2, {"decodeTokensPerSecond": 20.0}),
        (1, 1, {"decodeTokensPerSecond": 30.5}),
    ]
    assert stored_runs.figures([second.id], []) == {second.id: [stored_runs.Figures(second.id, 0, 1, {})]}


def test_what_the_readings_said_while_a_test_wrote() -> None:
    _, first, second = of_two_points()
    measures = ["smClock", "gpuTemperature"]
    assert stored_runs.written(first.id, measures, [2]) == [
        stored_runs.Written(2000.0, {"smClock": 21.0, "gpuTemperature": None})
    ]
    assert stored_runs.written(first.id, measures, []) == []
    assert stored_runs.written(second.id, measures) == [stored_runs.Written(None, dict.fromkeys(measures))]


def test_whole_runs_come_in_order_however_many_there_are() -> None:
    session, first, second = of_two_points()
    mine = claims.Claim(session.id, "me")
    many = 2 * stored_runs.RUNS_AT_ONCE
    for repetition in range(2, many + 1):
        writes.save_run(mine, finished_run(second, repetition))
    found = [(test.id, run.point, run.repetition) for test, run in stored_runs.whole_runs([first, second])]
    assert found[:3] == [(first.id, 0, 1), (first.id, 0, 2), (first.id, 1, 1)]
    assert found[3:] == [(second.id, 0, repetition) for repetition in range(1, many + 1)]


def test_a_page_of_runs() -> None:
    session, first, second = of_two_points()
    runs, total = stored_runs.page_of_runs(session.id, 2, 2)
    assert total == 4
    assert [(run.test.id, run.point, run.repetition) for run in runs] == [(first.id, 1, 1), (second.id, 0, 1)]
    assert stored_runs.page_of_runs(session.id, 3, 2) == ([], 4)


def test_at_how_many_points_each_test_has_runs() -> None:
    session, first, second = of_two_points()
    assert stored_runs.numbers_of_points(session.id) == {first.id: 2, second.id: 1}


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
