import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import TestFailure
from testbed.ollama_double import words_and_digits
from worker.workload.prompts import WORDS, PromptTemplate, calibrate

LIST_PROMPT = "\nA list of a hundred things:\n1. river\n2. stone\n3."


def bytes_(prompt: str) -> int:
    return len(prompt.encode())


def three_a_word(prompt: str) -> int:
    return 1 + sum(3 if len(word) > 1 else 1 for word in prompt.split())


def pairs_of_letters(prompt: str) -> int:
    """Words of several tokens, their number by their length; digits in threes."""
    return sum((len(point_runs) + 1) // 2 for point_runs in re.findall(r"\s?[^\W\d]+|\d{1,3}|[^\w\s]", prompt))


TOKENISERS = (words_and_digits, bytes_, three_a_word, pairs_of_letters)


@given(st.integers(0, 300), st.integers(0, 20), st.text(max_size=20))
def test_every_prompt_begins_with_a_nonce_of_its_own(words: int, fillers: int, seed: str) -> None:
    template = PromptTemplate(words, fillers, LIST_PROMPT)
    prompt = template.prompt(seed)
    assert re.match(r"\d{12}(\s|$)", prompt)
    assert prompt[:12] != template.prompt(f"{seed}!")[:12]
    assert prompt == template.prompt(seed)
    assert prompt.endswith(LIST_PROMPT)


def test_prompts_of_a_shape_hold_the_same_words_in_another_order() -> None:
    one, other = (PromptTemplate(50, 3, "").prompt(seed).split()[1:] for seed in "ab")
    assert one != other
    assert sorted(one) == sorted(other)
    assert set(one) <= {*WORDS, "a"}


@pytest.mark.parametrize("count", TOKENISERS)
@pytest.mark.parametrize("target", [64, 100, 256, 1024, 4000])
@pytest.mark.parametrize("ending", ["", LIST_PROMPT])
def test_prompts_are_calibrated_for_any_tokeniser(count: Callable[[str], int], target: int, ending: str) -> None:
    template = calibrate(count, target, ending)
    lengths = [count(template.prompt(str(seed))) for seed in range(20)]
    assert max(abs(length - target) for length in lengths) <= max(1, 0.02 * target)


@given(st.integers(32, 3000), st.sampled_from(TOKENISERS))
@settings(max_examples=60, deadline=None)
def test_any_length_can_be_had(target: int, count: Callable[[str], int]) -> None:
    assert abs(count(calibrate(count, target, "").prompt("x")) - target) <= max(1, 0.02 * target)


def test_a_target_below_the_shortest_prompt_says_what_is_possible() -> None:
    with pytest.raises(TestFailure, match=r"the shortest prompt has 61 tokens; ask for promptTokens of that at least"):
        calibrate(bytes_, 32, LIST_PROMPT)


def test_a_server_that_counts_no_tokens_cannot_be_calibrated() -> None:
    with pytest.raises(TestFailure, match="does not count the tokens"):
        calibrate(lambda _: 0, 64, "")


def test_a_server_that_counts_at_random_cannot_be_calibrated() -> None:
    counts = iter([10, 74, 42, *[300, 5] * 20])
    with pytest.raises(TestFailure, match="no prompt of 64 tokens"):
        calibrate(lambda _: next(counts), 64, "")
