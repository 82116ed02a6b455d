import pytest
from redis import Redis

from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of
from testbed.waiting import until
from tests.support.machine.reading_windows import UNKNOWN, make_reading, reading_window
from worker.machine.readings import ReadingWindow, TimedReading, Window, merge_windows, read


def publish(redis: Redis, number: float) -> int:
    return streams.append(redis, make_reading(cpu=number).message(), readings_of("h"), keep=1000)


def cpus(found: ReadingWindow) -> list[float | None]:
    return [cpu["percent"] for timed in found.timed if (cpu := timed.reading["cpu"])]


def test_readings_around_a_window_have_their_intervals(redis: Redis) -> None:
    first, second, third, fourth, fifth = [publish(redis, number) for number in range(5)]
    found = read(redis, "h", third, fourth)
    assert cpus(found) == [1, 2, 3, 4]
    ats = [(first, second), (second, third), (third, fourth), (fourth, fifth)]
    assert [(timed.since, timed.at) for timed in found.timed] == ats
    assert read(redis, "h", first, first).timed[0].at == first


def test_readings_from_before_the_clock_was_set_back_are_ignored(redis: Redis) -> None:
    now = clock_ms(redis)
    redis.xadd(readings_of("h"), {"json": "{}"}, id=f"{now + 3_600_000}-0")
    ahead = [publish(redis, number) for number in range(3)]
    assert ahead == [now + 3_600_001, now + 3_600_002, now + 3_600_003]
    assert read(redis, "h", now, clock_ms(redis)) == ReadingWindow()


@pytest.mark.parametrize(
    ("window", "longest_gap"),
    [((0, 300), 100), ((150, 1000), 3700), ((3900, 4000), 3700), ((4000, 9000), 5000), ((4050, 4080), 80)],
)
def test_the_longest_gap_reaches_into_the_window(window: Window, longest_gap: float) -> None:
    found = reading_window([make_reading()] * 5, [0, 100, 200, 300, 4000])
    assert found.longest_gap(*window) == longest_gap
    assert (found.period, reading_window([make_reading()]).period, ReadingWindow().longest_gap(0, 9)) == (100, None, 0)


def test_readings_long_after_a_window_are_left_out(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.machine.readings.AFTER_MS", 0)
    at = publish(redis, 1)
    until(lambda: clock_ms(redis) > at, "the next millisecond")
    publish(redis, 2)
    assert cpus(read(redis, "h", at, at)) == [1]


def test_another_hosts_readings_are_left_out(redis: Redis) -> None:
    publish(redis, 1)
    assert read(redis, "another", 0, clock_ms(redis)) == ReadingWindow()


@pytest.mark.parametrize(
    ("windows", "lies"),
    [
        ([(100.0, 200.0)], True),
        ([(149.0, 400.0)], True),
        ([(0.0, 151.0)], True),
        ([(150.0, 400.0)], False),  # half is not most
        ([(0.0, 100.0), (200.0, 300.0)], False),
        ([(100.0, 130.0), (160.0, 190.0)], True),  # both together
        ([], False),
    ],
)
def test_a_reading_belongs_to_the_windows_that_hold_most_of_its_interval(windows: list[Window], lies: bool) -> None:  # noqa: FBT001
    assert TimedReading(100, 200, UNKNOWN.message()).lies_in(windows) is lies


def test_a_first_reading_describes_no_interval() -> None:
    assert not TimedReading(100, 100, UNKNOWN.message()).lies_in([(50, 150)])


def test_a_reading_may_arrive_in_one_window_and_describe_another() -> None:
    found = reading_window([make_reading(cpu=number) for number in range(4)])
    described = [cpu["percent"] for reading in found.describing([(120, 260)]) if (cpu := reading["cpu"])]
    arrived = [cpu["percent"] for reading in found.within(120, 260) if (cpu := reading["cpu"])]
    assert (described, arrived) == ([2, 3], [2])


def test_merged_windows_do_not_overlap() -> None:
    assert merge_windows([(5, 9), (0, 3), (2, 4), (9, 10), (6, 7)]) == [(0, 4), (5, 10)]
    assert merge_windows([]) == []
