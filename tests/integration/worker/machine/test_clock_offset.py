import time
from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from worker.machine.clock_offset import ROUNDS, Offset, measure

NS_PER_US = 1000
START_NS = 1_700_000_000_000_000_000
Way = tuple[int, int]

ways = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9))
"""Nanoseconds to the server and back."""


class Scripted:
    """A Redis whose clock is `ahead_ns` ahead of ours, with the delays of the script."""

    def __init__(self, ahead_ns: int, script: list[Way]) -> None:
        self.now = START_NS
        self.ahead_ns = ahead_ns
        self.script: Iterator[Way] = iter(script)

    def clock(self) -> int:
        return self.now

    def time(self) -> tuple[int, int]:
        there, back = next(self.script)
        self.now += there
        server_us = (self.now + self.ahead_ns) // NS_PER_US
        self.now += back
        return divmod(server_us, 1_000_000)


def measured(ahead_ns: int, script: list[Way]) -> Offset:
    server = Scripted(ahead_ns, script)
    return measure(cast(Redis, server), server.clock)


@given(st.integers(-(10**15), 10**15), st.lists(ways, min_size=ROUNDS, max_size=ROUNDS))
def test_the_true_offset_is_within_the_bound_for_any_delays(ahead_ns: int, script: list[Way]) -> None:
    found = measured(ahead_ns, script)
    rounding = 512  # of floats of this size, in ns
    assert abs(found.ahead_ns - ahead_ns) <= found.bound_ns + rounding
    assert found.bound_ns <= min(map(sum, script)) / 2 + NS_PER_US


def test_the_quickest_round_trip_counts() -> None:
    slow, quick = (900_000, 100_000), (50_000, 50_000)
    found = measured(7_000_000, [slow, slow, quick, *[slow] * (ROUNDS - 3)])
    assert found.ahead_ns == pytest.approx(7_000_000, abs=NS_PER_US)
    assert found.bound == pytest.approx(0.05, abs=0.001)


def test_a_local_server_has_no_offset(redis: Redis) -> None:
    found = measure(redis)
    assert abs(found.ahead_ns) <= found.bound_ns + NS_PER_US
    assert 0 < found.bound < 1000


def test_a_time_stamp_is_converted_to_the_servers_clock(redis: Redis) -> None:
    found = measure(redis)
    before, stamp, after = redis.time(), time.time_ns(), redis.time()
    low, high = ((seconds * 1e6 + microseconds) / 1000 for seconds, microseconds in (before, after))
    assert low - found.bound - 0.01 <= found.at(stamp) <= high + found.bound + 0.01


@pytest.mark.parametrize(
    ("other", "combined"),
    [
        (Offset(100, 10), Offset(100, 10)),
        (Offset(130, 10), Offset(115, 25)),
        (Offset(100, 50), Offset(100, 50)),
    ],
)
def test_a_combined_offset_covers_both(other: Offset, combined: Offset) -> None:
    assert Offset(100, 10).combine(other) == combined
    assert other.combine(Offset(100, 10)) == combined


def test_the_number_of_round_trips_is_fixed(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([redis.time() for _ in range(ROUNDS)])
    monkeypatch.setattr(redis, "time", lambda: next(answers))
    measure(redis)
    assert next(answers, None) is None
