import pytest

from sampler.loop.schedule import MAX_SLEEP_S, Throttled, ticks


class Time:
    """A clock that advances only by sleeping and working."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


def run(time: Time, hz: float, durations: list[float]) -> list[tuple[int, float]]:
    """Return each tick's number and time since the start, with work of these durations after the ticks."""
    left = list(durations)
    start, found = time.now, []
    for number in ticks(hz, lambda: not left, time.clock, time.sleep):
        found.append((number, round(time.now - start, 9)))
        time.now += left.pop(0)
    return found


def test_ticks_come_on_time_for_any_duration_of_the_work() -> None:
    assert run(Time(), 10, [0.03, 0.0999, 0.0, 0.05]) == [(1, 0.1), (2, 0.2), (3, 0.3), (4, 0.4)]


def test_ticks_do_not_drift() -> None:
    count = 10_000
    assert run(Time(), 10, [0.001] * count)[-1] == (count, count / 10)


def test_missed_ticks_are_skipped_and_not_caught_up() -> None:
    assert run(Time(), 10, [0.0, 0.35, 0.0, 0.0]) == [(1, 0.1), (2, 0.2), (6, 0.6), (7, 0.7)]


def test_long_waits_are_split_so_that_a_stop_is_noticed() -> None:
    time = Time()
    assert list(ticks(0.1, lambda: len(time.sleeps) == 3, time.clock, time.sleep)) == []
    assert time.sleeps == [MAX_SLEEP_S] * 3


def test_throttled_reads_again_after_its_seconds() -> None:
    time, reads = Time(), iter(range(10))
    throttled = Throttled(lambda: next(reads), 2, time.clock)
    values = []
    for _ in range(6):
        values.append(throttled())
        time.sleep(0.8)
    assert values == [0, 0, 0, 1, 1, 1]


def test_throttled_tries_again_at_once_after_a_failure() -> None:
    results = iter([OSError("not yet"), "value"])

    def read() -> str:
        result = next(results)
        if isinstance(result, OSError):
            raise result
        return str(result)

    throttled = Throttled(read, 60, Time().clock)
    with pytest.raises(OSError, match="not yet"):
        throttled()
    assert [throttled(), throttled()] == ["value", "value"]
