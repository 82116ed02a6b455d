"""The measured part of a load."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from tests.support.ollama.generations import MS, generation
from worker.ollama.responses import Generation
from worker.workload.traffic.rounds import Rounds
from worker.workload.traffic.window import Window, whole, writing_at_once


def written(*spans: tuple[float, float]) -> list[Generation]:
    """Return answers written from the first to the second time (ms)."""
    return [generation(content_ms=tuple(np.linspace(*span, 32).tolist())) for span in spans]


@pytest.mark.parametrize(
    ("spans", "at_once"),
    [
        ([(0, 100)], 1),
        ([(0, 100), (100, 200), (200, 300)], 1),
        ([(0, 100), (99, 200), (199, 300)], 1),  # each begins when the one before ends
        ([(0, 100), (0, 100), (100, 200), (100, 200)], 2),
        ([(0, 100), (50, 150)], 2),
        ([(0, 100)] * 16, 16),
    ],
)
def test_concurrent_answers_are_counted(spans: list[tuple[float, float]], at_once: int) -> None:
    answers = written(*spans)
    assert writing_at_once(answers, whole(answers)) == at_once


def test_answers_outside_the_window_are_not_concurrent() -> None:
    answers = written((0, 100), (0, 100), (100, 300))
    assert writing_at_once(answers, Window(100 * MS, 300 * MS)) == 1
    assert writing_at_once([generation(content_ms=())], Window(0, 100 * MS)) == 0


def test_tokens_count_by_their_arrival_and_requests_by_their_end() -> None:
    one, two = written((0, 310), (200, 510))
    one, two = replace(one, done_ns=320 * MS), replace(two, done_ns=520 * MS)
    window = Window(155 * MS, 355 * MS)
    assert window.completed([one, two]) == [one]
    assert window.tokens([one, two]) == pytest.approx(16 + 16)
    assert window.tokens([one, generation(output_tokens=None)]) is None


@pytest.mark.parametrize(
    ("answered_ms", "window_ms"),
    [
        ([[10, 20, 30], []], None),
        ([[10, 20, 30, 40], [15, 25, 35, 45]], (15, 35)),  # 10 ms have passed at 25, without two answers to user 0
        ([[10, 12, 14, 16, 18], [15, 24]], None),
        ([[10, 20, 30, 40], [15]], None),
    ],
)
def test_a_window_has_whole_rounds_of_the_user_who_was_answered_last(
    answered_ms: list[list[int]], window_ms: tuple[int, int] | None
) -> None:
    rounds = Rounds(2, 10 * MS, 2)
    for user, times in enumerate(answered_ms):
        for at in times:
            rounds.add(user, at * MS)
    assert rounds.window() == (window_ms and Window(window_ms[0] * MS, window_ms[1] * MS))


def test_the_throughput_of_bursts_is_not_biased() -> None:
    """Users in step write 10 tokens in the last of each 10 ms. A window of 25 ms would see two bursts, or three."""
    chance = Random(1)
    rates = []
    for _ in range(100):
        duration = chance.randint(10, 90)
        rounds, answers = Rounds(2, duration * MS, 1), list[Generation]()
        for number in range(20):
            stamps = [10 * number + 9 + step / 10 for step in range(10)]
            for user in range(2):
                answers.append(generation(content_ms=tuple(stamps), output_tokens=10))
                rounds.add(user, 10 * (number + 1) * MS)
        window = rounds.window()
        assert window is not None
        rates.append((window.tokens(answers) or 0) / window.seconds)
    assert rates == [pytest.approx(2000)] * 100
