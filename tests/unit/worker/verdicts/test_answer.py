from typing import Any

import pytest

from common.errors import OllamaProtocolError
from tests.support.ollama.generations import generation
from worker.ollama.responses import Generation
from worker.verdicts import Severity, answer
from worker.verdicts.expected import Expected


def named(run: Generation, prompt_tokens: int = 100) -> list[tuple[str, str]]:
    return [(found.name, found.severity) for found in answer.evaluate(run, Expected(prompt_tokens, 32))]


def test_a_valid_answer_has_no_verdict() -> None:
    assert named(generation()) == []
    assert named(generation(cached_tokens=4)) == []  # such as the start token


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
        (generation(cached_tokens=5), "prompt-cached"),
    ],
)
def test_an_unexpected_answer_is_rejected(run: Generation, name: str) -> None:
    assert named(run) == [(name, Severity.REJECTS)]


def test_the_prompt_length_has_a_tolerance() -> None:
    assert named(generation(prompt_tokens=31), prompt_tokens=32) == []
    assert named(generation(prompt_tokens=30), prompt_tokens=32) == [("prompt-length", Severity.REJECTS)]
    assert named(generation(prompt_tokens=1020), prompt_tokens=1000) == []
    assert named(generation(prompt_tokens=979), prompt_tokens=1000) == [("prompt-length", Severity.REJECTS)]


def test_the_evidence_holds_the_numbers() -> None:
    (found,) = answer.evaluate(generation("stop", output_tokens=20), Expected(100, 32))
    assert found.evidence == {"doneReason": "stop", "outputTokens": 20, "wanted": 32}


def test_the_advice_distinguishes_an_early_end_from_a_wrong_count() -> None:
    (early,) = answer.evaluate(generation("stop", output_tokens=20), Expected(100, 32))
    (counted,) = answer.evaluate(generation("length", output_tokens=33), Expected(100, 32))
    assert early.name == counted.name == "output-length"
    assert ("another prompt" in early.advice, "Update Ollama" in counted.advice) == (True, True)


@pytest.mark.parametrize(
    ("changed", "flagged"),
    [
        ({"prompt_tokens": 512}, False),
        ({"prompt_tokens": 513}, True),
        ({"prompt_tokens": 100, "cached_tokens": 100}, False),
        ({"prompt_tokens": 100, "cached_tokens": 101}, True),
        ({"prompt_tokens": None, "cached_tokens": 7}, False),
        ({"prompt_tokens": 5000, "output_tokens": None}, False),  # embeddings of several inputs
    ],
)
def test_impossible_counts_of_prompts_are_flagged(changed: dict[str, Any], *, flagged: bool) -> None:
    found = answer.prompt_counts(generation(**changed), 512)
    assert (found is not None) == flagged


def test_wrong_fields_are_named() -> None:
    (found,) = answer.evaluate(generation(wrong=("eval_duration", "load_duration")), Expected(100, 32))
    assert (found.name, found.severity) == ("fields-invalid", Severity.FLAGS)
    assert found.evidence == {"fields": "eval_duration, load_duration"}


def test_a_server_that_failed_is_quoted() -> None:
    found = answer.failed(OllamaProtocolError("the stream was cut"))
    assert (found.name, found.severity, found.evidence) == (
        "request-failed",
        Severity.REJECTS,
        {"error": "the stream was cut"},
    )
