from datetime import datetime, timedelta

import pytest
from redis import Redis

from common.messaging.counts import durations
from common.store.tables import Status, Test

END = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - naive, as in the database


def ended_test(seconds: float, test_type: str = "decode", status: Status = Status.COMPLETED) -> Test:
    return Test(test_type=test_type, status=status, started_at=END - timedelta(seconds=seconds), finished_at=END)


@pytest.mark.parametrize(
    ("seconds", "bound"),
    [(0, "0.1"), (1, "1"), (0.3, "0.5"), (1.5, "5"), (60, "60"), (61, "120"), (9999, "+Inf"), (-1, "0.1")],
)
def test_each_duration_is_counted_in_the_first_bucket_that_fits(redis: Redis, seconds: float, bound: str) -> None:
    durations.add_test(redis, ended_test(seconds))
    [counted] = durations.test_durations(redis).values()
    assert counted.counts == dict.fromkeys(durations.BOUNDS, 0) | {bound: 1}
    assert counted.seconds == max(0, seconds)


def test_types_and_statuses_are_counted_separately(redis: Redis) -> None:
    for test in (ended_test(2), ended_test(3), ended_test(7, "ttft"), ended_test(8, "ttft", Status.ERROR)):
        durations.add_test(redis, test)
    counted = durations.test_durations(redis)
    assert {key: found.seconds for key, found in counted.items()} == {
        ("decode", "completed"): 5,
        ("ttft", "completed"): 7,
        ("ttft", "error"): 8,
    }
    assert counted["decode", "completed"].counts["5"] == 2


def test_a_test_that_never_began_is_not_counted(redis: Redis) -> None:
    durations.add_test(redis, Test(test_type="decode", status=Status.ERROR, started_at=None, finished_at=END))
    assert durations.test_durations(redis) == {}


def test_runs_are_counted_separately(redis: Redis) -> None:
    durations.add_run(redis, "decode", 0.2)
    durations.add_run(redis, "decode", 4)
    durations.add_test(redis, ended_test(9))
    [(labels, counted)] = durations.run_durations(redis).items()
    assert (labels, counted.seconds, counted.counts["0.5"], counted.counts["5"]) == (("decode",), 4.2, 1, 1)
