from dataclasses import replace

import pytest

from common.ollama import LoadedModel
from tests.worker.generations import generation
from worker import verdicts
from worker.ollama import Generation
from worker.verdicts import Severity


def named(run: Generation, prompt_tokens: int = 100) -> list[tuple[str, str]]:
    return [(found.name, found.severity) for found in verdicts.judge_run(run, prompt_tokens, 32)]


def test_a_sound_run_has_no_verdict() -> None:
    assert named(generation()) == []
    assert named(generation(cached_tokens=5)) == []  # the start token and the like


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (generation("stop"), "output-length"),
        (generation(""), "output-length"),
        (generation(output_tokens=31), "output-length"),
        (generation(output_tokens=0), "output-length"),
        (generation(prompt_tokens=97), "prompt-length"),
        (generation(prompt_tokens=103), "prompt-length"),
        (generation(prompt_tokens=0), "prompt-length"),
        (generation(cached_tokens=6), "prompt-cached"),
        (replace(generation(), jump_ns=-6_000_000), "clock-jumped"),
    ],
)
def test_a_run_that_is_not_what_was_asked_is_rejected(run: Generation, name: str) -> None:
    assert named(run) == [(name, Severity.REJECTS)]


def test_a_short_prompt_may_be_one_token_off_and_a_long_one_two_percent() -> None:
    assert named(generation(prompt_tokens=31), prompt_tokens=32) == []
    assert named(generation(prompt_tokens=30), prompt_tokens=32) == [("prompt-length", Severity.REJECTS)]
    assert named(generation(prompt_tokens=1020), prompt_tokens=1000) == []
    assert named(generation(prompt_tokens=979), prompt_tokens=1000) == [("prompt-length", Severity.REJECTS)]


def test_a_server_that_claims_more_time_than_passed_is_flagged() -> None:
    assert named(replace(generation(), done_ns=398_000_000)) == [("clocks-disagree", Severity.FLAGS)]


@pytest.mark.parametrize(("vram", "told"), [(0, False), (600, True), (1000, False)])
def test_a_model_that_is_partly_on_the_gpu_is_flagged(vram: int, *, told: bool) -> None:
    verdict = verdicts.partly_on_cpu(LoadedModel("m", "d", 1000, vram, None))
    assert (verdict is not None) == told


@pytest.mark.parametrize(("half_width", "told"), [(None, True), (0.021, True), (0.02, False), (0.0, False)])
def test_a_median_that_is_not_known_well_is_flagged(half_width: float | None, *, told: bool) -> None:
    assert (verdicts.unsettled(half_width, 5) is not None) == told


def test_rejected_runs_are_told_where_there_are_any() -> None:
    assert verdicts.some_rejected(0, 5) is None
    found = verdicts.some_rejected(2, 5)
    assert found is not None
    assert found.describe()["evidence"] == {"rejected": 2, "counted": 5}


def test_a_verdict_reads_as_a_line() -> None:
    (found,) = verdicts.judge_run(generation("stop", output_tokens=20), 100, 32)
    assert str(found) == (
        "output-length (doneReason stop, outputTokens 20, wanted 32): the model ended early; another prompt is tried"
    )
