from dataclasses import replace

import pytest

from tests.support.generations import MS, generation
from worker.machine.clock_offset import Offset
from worker.machine.request_phases import Phase, loading, of_answer, windows
from worker.ollama.responses import Generation

AHEAD = Offset(5 * MS, 0)
"""Redis's clock is 5 ms ahead."""


def sent(at_ms: int, *content_ms: float, load_ms: int = 20) -> Generation:
    return replace(generation(content_ms=content_ms, load_ns=load_ms * MS), sent_ns=at_ms * MS)


def test_a_warm_models_load_duration_is_part_of_the_prefill() -> None:
    found = list(of_answer(sent(1000, 80, 90, 110), AHEAD, loads=False))
    assert found == [Phase("prefill", 1005, 1085), Phase("decode", 1085, 1115)]


def test_a_load_comes_before_the_prefill() -> None:
    found = list(of_answer(sent(1000, 80, 110), AHEAD, loads=True))
    assert found == [Phase("load", 1005, 1025), Phase("prefill", 1025, 1085), Phase("decode", 1085, 1115)]


def test_a_load_ends_with_the_first_token_at_the_latest() -> None:
    found = list(of_answer(sent(1000, 80, 110, load_ms=81), AHEAD, loads=True))
    assert found == [Phase("load", 1005, 1085), Phase("decode", 1085, 1115)]


def test_what_comes_at_once_is_prefill_alone() -> None:
    assert list(of_answer(sent(1000, 80), AHEAD, loads=False)) == [Phase("prefill", 1005, 1085)]


def test_where_nothing_came_nothing_is_known() -> None:
    assert list(of_answer(sent(1000), AHEAD, loads=True)) == []


@pytest.mark.parametrize(("there", "expected"), [(True, [False] * 4), (False, [True, True, False, False])])
def test_who_comes_before_the_model_is_loaded_waits_for_the_load(there: bool, expected: list[bool]) -> None:  # noqa: FBT001
    answers = [sent(0, 150, load_ms=100), sent(90, 150, load_ms=10), sent(101, 200), sent(400, 500)]
    assert loading(answers, there=there) == expected
    assert loading(answers[::-1], there=there) == expected[::-1]


def test_of_no_request_none_loads() -> None:
    assert loading([], there=False) == []


def test_the_windows_of_a_phase_are_those_of_all_requests_without_overlaps() -> None:
    phases = [Phase("prefill", 0, 10), Phase("decode", 10, 30), Phase("prefill", 5, 20), Phase("decode", 20, 40)]
    assert windows(phases, "prefill") == [(0, 20)]
    assert windows(phases, "decode") == [(10, 40)]
    assert windows(phases, "prefill", "decode") == [(0, 40)]
    assert windows(phases, "load") == []
