import pytest

from sampler.schedule import NAP_S, Throttled, beats


class Time:
    """A clock that only sleeping and working move."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def taken(time: Time, hz: float, works: list[float]) -> list[tuple[int, float]]:
    """Each beat's number and its time since the start, where the work after each takes so long."""
    left = list(works)
    start, seen = time.now, []
    for number in beats(hz, lambda: not left, time.clock, time.sleep):
        seen.append((number, round(time.now - start, 9)))
        time.now += left.pop(0)
    return seen


def test_beats_come_on_time_whatever_the_work_takes() -> None:
    assert taken(Time(), 10, [0.03, 0.0999, 0.0, 0.05]) == [(1, 0.1), (2, 0.2), (3, 0.3), (4, 0.4)]


def test_beats_do_not_drift() -> None:
    count = 10_000
    assert taken(Time(), 10, [0.001] * count)[-1] == (count, count / 10)


def test_missed_beats_are_skipped_and_not_caught_up() -> None:
    seen = taken(Time(), 10, [0.0, 0.35, 0.0, 0.0])
    assert seen == [(1, 0.1), (2, 0.2), (6, 0.6), (7, 0.7)]


def test_rare_beats_are_waited_for_in_naps_so_that_a_stop_is_noticed() -> None:
    time = Time()
    assert list(beats(0.1, lambda: len(time.naps) == 3, time.clock, time.sleep)) == []
    assert time.naps == [NAP_S] * 3


def test_seldom_reads_anew_after_its_seconds() -> None:
    time, reads = Time(), iter(range(10))
    seldom = Throttled(lambda: next(reads), 2, time.clock)
    values = []
    for _ in range(6):
        values.append(seldom())
        time.sleep(0.8)
    assert values == [0, 0, 0, 1, 1, 1]


def test_seldom_tries_again_at_once_after_a_failure() -> None:
    answers = iter([OSError("not yet"), "there"])

    def read() -> str:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return str(answer)

    seldom = Throttled(read, 60, Time().clock)
    with pytest.raises(OSError, match="not yet"):
        seldom()
    assert [seldom(), seldom()] == ["there", "there"]
