from dataclasses import replace

import pytest

from tests.support.ollama.generations import MS, generation
from worker.machine.clock_offset import Offset
from worker.machine.request_phases import RequestPhase, find_loads, request_phases, windows
from worker.ollama.responses import Generation

AHEAD = Offset(5 * MS, 0)
"""Redis's clock is 5 ms ahead."""


def sent(at_ms: int, *content_ms: float, load_ms: int = 20) -> Generation:
    return replace(generation(content_ms=content_ms, load_ns=load_ms * MS), sent_ns=at_ms * MS)


def test_a_warm_models_load_duration_is_part_of_the_prefill() -> None:
    found = list(request_phases(sent(1000, 80, 90, 110), AHEAD, loads=False))
    assert found == [RequestPhase("prefill", 1005, 1085), RequestPhase("decode", 1085, 1115)]


def test_a_load_comes_before_the_prefill() -> None:
    found = list(request_phases(sent(1000, 80, 110), AHEAD, loads=True))
    assert found == [
        RequestPhase("load", 1005, 1025),
        RequestPhase("prefill", 1025, 1085),
        RequestPhase("decode", 1085, 1115),
    ]


def test_a_load_ends_with_the_first_token_at_the_latest() -> None:
    found = list(request_phases(sent(1000, 80, 110, load_ms=81), AHEAD, loads=True))
    assert found == [RequestPhase("load", 1005, 1085), RequestPhase("decode", 1085, 1115)]


def test_an_answer_in_one_piece_is_all_prefill() -> None:
    assert list(request_phases(sent(1000, 80), AHEAD, loads=False)) == [RequestPhase("prefill", 1005, 1085)]


def test_an_empty_answer_has_no_phases() -> None:
    assert list(request_phases(sent(1000), AHEAD, loads=True)) == []


@pytest.mark.parametrize(("is_loaded", "expected"), [(True, [False] * 4), (False, [True, True, False, False])])
def test_requests_sent_before_the_model_is_loaded_wait_for_the_load(is_loaded: bool, expected: list[bool]) -> None:  # noqa: FBT001
    answers = [sent(0, 150, load_ms=100), sent(90, 150, load_ms=10), sent(101, 200), sent(400, 500)]
    assert find_loads(answers, is_loaded=is_loaded) == expected
    assert find_loads(answers[::-1], is_loaded=is_loaded) == expected[::-1]


def test_no_requests_have_no_loads() -> None:
    assert find_loads([], is_loaded=False) == []


def test_the_windows_of_a_phase_cover_all_requests_without_overlaps() -> None:
    phases = [
        RequestPhase("prefill", 0, 10),
        RequestPhase("decode", 10, 30),
        RequestPhase("prefill", 5, 20),
        RequestPhase("decode", 20, 40),
    ]
    assert windows(phases, "prefill") == [(0, 20)]
    assert windows(phases, "decode") == [(10, 40)]
    assert windows(phases, "prefill", "decode") == [(0, 40)]
    assert windows(phases, "load") == []
