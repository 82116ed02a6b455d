import pytest
from redis import Redis

from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of
from testbed.waiting import until
from tests.support.timelines import taken, timeline
from worker.machine.readings import TimedReading, Timeline, Window, read, united


def publish(redis: Redis, number: float) -> int:
    return streams.append(redis, taken(cpu=number).message(), readings_of("h"), keep=1000)


def cpus(found: Timeline) -> list[float]:
    return [beat.reading["cpu"]["percent"] for beat in found.beats]


def test_the_readings_around_a_window_are_read_with_the_intervals_that_they_describe(redis: Redis) -> None:
    first, second, third, fourth, fifth = [publish(redis, number) for number in range(5)]
    found = read(redis, "h", third, fourth)
    assert cpus(found) == [1, 2, 3, 4]
    ats = [(first, second), (second, third), (third, fourth), (fourth, fifth)]
    assert [(beat.since, beat.at) for beat in found.beats] == ats
    assert read(redis, "h", first, first).beats[0].at == first


def test_readings_of_a_time_before_the_clock_was_set_back_are_no_readings_of_now(redis: Redis) -> None:
    now = clock_ms(redis)
    redis.xadd(readings_of("h"), {"json": "{}"}, id=f"{now + 3_600_000}-0")
    ahead = [publish(redis, number) for number in range(3)]
    assert ahead == [now + 3_600_001, now + 3_600_002, now + 3_600_003]
    assert read(redis, "h", now, clock_ms(redis)) == Timeline()


@pytest.mark.parametrize(
    ("window", "silence"),
    [((0, 300), 100), ((150, 1000), 3700), ((3900, 4000), 3700), ((4000, 9000), 5000), ((4050, 4080), 80)],
)
def test_the_longest_silence_is_that_which_reaches_into_the_window(window: Window, silence: float) -> None:
    found = timeline([taken()] * 5, [0, 100, 200, 300, 4000])
    assert found.silence(*window) == silence
    assert (found.period, timeline([taken()]).period, Timeline().silence(0, 9)) == (100, None, 0)


def test_what_comes_long_after_a_window_is_left_out(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.machine.readings.AFTER_MS", 0)
    at = publish(redis, 1)
    until(lambda: clock_ms(redis) > at, "the next millisecond")
    publish(redis, 2)
    assert cpus(read(redis, "h", at, at)) == [1]


def test_without_readings_there_is_nothing(redis: Redis) -> None:
    publish(redis, 1)
    assert read(redis, "another", 0, clock_ms(redis)) == Timeline()


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
def test_a_reading_belongs_where_most_of_its_interval_lies(windows: list[Window], lies: bool) -> None:  # noqa: FBT001
    assert TimedReading(100, 200, {}).lies_in(windows) is lies


def test_a_first_reading_describes_nobody_knows_which_time() -> None:
    assert not TimedReading(100, 100, {}).lies_in([(50, 150)])


def test_readings_arrive_in_one_window_and_describe_another() -> None:
    found = timeline([taken(cpu=number) for number in range(4)])
    described = [reading["cpu"]["percent"] for reading in found.describing([(120, 260)])]
    arrived = [reading["cpu"]["percent"] for reading in found.taken(120, 260)]
    assert (described, arrived) == ([2, 3], [2])


def test_united_windows_overlap_no_more() -> None:
    assert united([(5, 9), (0, 3), (2, 4), (9, 10), (6, 7)]) == [(0, 4), (5, 10)]
    assert united([]) == []
