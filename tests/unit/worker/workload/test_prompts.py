import re
from collections.abc import Callable, Iterator
from itertools import count as counting
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import TestFailure
from testbed.ollama_double import words_and_digits
from worker.workload.prompts import MAX_REQUESTS, WORDS, PromptTemplate, calibrate

LIST_PROMPT = "\nA list of a hundred things:\n1. river\n2. stone\n3."
SEED = 2026
Tokeniser = Callable[[str], int]


def characters(prompt: str) -> int:
    return len(prompt)


def bytes_with_start_and_end(prompt: str) -> int:
    return 2 + len(prompt.encode())


def two_a_byte(prompt: str) -> int:
    return 2 * len(prompt.encode())


def three_a_byte(prompt: str) -> int:
    return 3 * len(prompt.encode())


def three_a_word(prompt: str) -> int:
    return 1 + sum(3 if len(word) > 1 else 1 for word in prompt.split())


def three_a_digit(prompt: str) -> int:
    return words_and_digits(prompt) + 2 * sum(character.isdigit() for character in prompt)


def pairs_of_letters(prompt: str) -> int:
    """Words of several tokens, their number by their length; digits in threes."""
    return sum((len(part) + 1) // 2 for part in re.findall(r"\s?[^\W\d]+|\d{1,3}|[^\w\s]", prompt))


def merged_words(prompt: str) -> int:
    """Up to four fillers become one token, and so do up to four letters of a word."""
    return len(re.findall(r"\d{1,3}|(?: a\b){1,4}|\s?[^\W\d]{1,4}|[^\w\s]", prompt))


def padded(size: int) -> Tokeniser:
    """Return a tokeniser that fills up to a multiple of `size`."""
    return lambda prompt: -(-words_and_digits(prompt) // size) * size


def invented(seed: int) -> Tokeniser:
    """Return a tokeniser with random costs of words, digits, fillers, start, and of everything together."""
    random = Random(seed)
    words = {word: random.randint(1, 9) for word in WORDS}
    start, digit, filler, other = (random.randint(low, 3) for low in (0, 1, 1, 1))

    def tokens(prompt: str) -> int:
        parts = re.findall(r"\d|[^\W\d]+|[^\w\s]", prompt)
        costs = (digit if part.isdigit() else filler if part == "a" else words.get(part, other) for part in parts)
        return start + sum(costs)

    return tokens


TOKENISERS = {
    "words and digits": words_and_digits,
    "characters": characters,
    "bytes": bytes_with_start_and_end,
    "three tokens a word": three_a_word,
    "three tokens a digit": three_a_digit,
    "pairs of letters": pairs_of_letters,
    "merged words": merged_words,
    "multiples of 2": padded(2),
    "multiples of 3": padded(3),
}
INVENTED = {f"invented {seed}": invented(seed) for seed in range(20)}
"""One more filler adds at most three tokens, so every length can be reached, as with TOKENISERS."""
COARSE = {"two tokens a byte": two_a_byte, "three tokens a byte": three_a_byte, "multiples of 7": padded(7)}
"""One more filler adds four to seven tokens, so some lengths cannot be reached."""


def seeds() -> Callable[[], str]:
    numbers = counting()
    return lambda: f"{SEED} {next(numbers)}"


def tolerance(target: int) -> float:
    return max(1, 0.02 * target)


def measuring(tokeniser: Tokeniser, measured: list[int]) -> Tokeniser:
    """Return the tokeniser, which also writes down what it counts."""

    def count(prompt: str) -> int:
        measured.append(tokeniser(prompt))
        return measured[-1]

    return count


def calibrated(tokeniser: Tokeniser, target: int, ending: str = "") -> tuple[PromptTemplate, int]:
    """Calibrate, and count the requests."""
    measured: list[int] = []
    template = calibrate(measuring(tokeniser, measured), target, ending, seeds())
    return template, len(measured)


def reachable(tokeniser: Tokeniser, longest: int) -> set[int]:
    """Return every length up to `longest` that a template can have."""
    found = set[int]()
    for words in range(len(WORDS)):
        for fillers in counting():
            length = tokeniser(PromptTemplate(words, fillers, "").prompt("x"))
            if length > longest:
                break
            found.add(length)
        if not fillers:
            break
    return found


@given(st.integers(0, 300), st.integers(0, 20), st.text(max_size=20))
def test_every_prompt_begins_with_a_nonce_of_its_own(words: int, fillers: int, seed: str) -> None:
    template = PromptTemplate(words, fillers, LIST_PROMPT)
    prompt = template.prompt(seed)
    assert re.match(r"\d{12}(\s|$)", prompt)
    assert prompt[:12] != template.prompt(f"{seed}!")[:12]
    assert prompt == template.prompt(seed)
    assert prompt.endswith(LIST_PROMPT)


def test_prompts_of_a_template_hold_the_same_words_in_another_order() -> None:
    one, other = (PromptTemplate(50, 3, "").prompt(seed).split()[1:] for seed in "ab")
    assert one != other
    assert sorted(one) == sorted(other)
    assert set(one) <= {*WORDS, "a"}


def test_no_two_requests_have_the_same_nonce() -> None:
    asked: list[str] = []
    for _ in range(2):
        calibrate(lambda prompt: asked.append(prompt) or len(prompt), 190, "")  # type: ignore[func-returns-value] # None
    assert len({prompt[:12] for prompt in asked}) == len(asked)


@pytest.mark.parametrize("tokeniser", (TOKENISERS | INVENTED).values(), ids=TOKENISERS | INVENTED)
@pytest.mark.parametrize("ending", ["", LIST_PROMPT])
def test_every_length_is_found_in_a_few_requests(tokeniser: Tokeniser, ending: str) -> None:
    shortest = tokeniser(PromptTemplate(0, 0, ending).prompt("x"))
    needed = [requests_for(tokeniser, target, ending) for target in [*range(shortest, 200, 5), *range(190, 400, 31)]]
    assert max(needed) <= 10
    assert sorted(needed)[len(needed) // 2] <= 5


@pytest.mark.parametrize("tokeniser", TOKENISERS.values(), ids=TOKENISERS)
def test_long_prompts_need_no_more_requests(tokeniser: Tokeniser) -> None:
    assert max(requests_for(tokeniser, target) for target in (1024, 4000, 16_384)) <= 10


def requests_for(tokeniser: Tokeniser, target: int, ending: str = "") -> int:
    """Check the lengths of prompts for a target, and return the number of requests that calibrating took."""
    template, requests = calibrated(tokeniser, target, ending)
    lengths = [tokeniser(template.prompt(f"run {number}")) for number in range(3)]
    assert max(abs(length - target) for length in lengths) <= tolerance(target), (target, template)
    return requests


@pytest.mark.parametrize("tokeniser", COARSE.values(), ids=COARSE)
def test_a_length_is_found_if_it_can_be_reached(tokeniser: Tokeniser) -> None:
    lengths = reachable(tokeniser, 110)
    refused = 0
    for target in range(min(lengths), 100):
        if any(abs(length - target) <= tolerance(target) for length in lengths):
            template, requests = calibrated(tokeniser, target)
            assert abs(tokeniser(template.prompt("x")) - target) <= tolerance(target), target
            assert requests <= MAX_REQUESTS
        else:
            refused += 1
            nearest = min(abs(length - target) for length in lengths)
            with pytest.raises(
                TestFailure, match=rf"no prompt of {target} tokens .* the nearest had (\d+);"
            ) as failure:
                calibrated(tokeniser, target)
            assert abs(int(re.findall(r"had (\d+)", str(failure.value))[0]) - target) == nearest
    assert refused


def test_a_count_that_changes_with_the_digits_is_accepted_as_it_was_measured() -> None:
    """Equal digits in a row become one token, so no two nonces need have the same number."""

    def tokeniser(prompt: str) -> int:
        return len(re.sub(r"(\d)\1", r"\1", prompt))

    for target in range(16, 300):
        measured: list[int] = []
        calibrate(measuring(tokeniser, measured), target, "", seeds())
        assert any(abs(length - target) <= tolerance(target) for length in measured)
        assert len(measured) <= 12


def test_a_target_below_the_shortest_prompt_says_what_is_possible() -> None:
    assert calibrate(characters, 32, LIST_PROMPT, seeds(), without_ending=True).ending == ""
    assert calibrate(characters, 200, LIST_PROMPT, seeds(), without_ending=True).ending == LIST_PROMPT
    with pytest.raises(TestFailure, match=r"the shortest prompt has 61 tokens; ask for promptTokens of at least 61"):
        calibrate(characters, 32, LIST_PROMPT, seeds())


def test_a_server_that_counts_no_tokens_cannot_be_calibrated() -> None:
    with pytest.raises(TestFailure, match="does not count the tokens"):
        calibrate(lambda _: 0, 64, "", seeds())


def test_calibration_ends_whatever_the_server_counts() -> None:
    for seed in range(40):
        random = Random(seed)
        answers = iter([10, 74, 42, *(random.choice([5, 40, 63, 70, 300]) for _ in range(MAX_REQUESTS))])
        with pytest.raises(TestFailure, match="no prompt of 640 tokens"):
            calibrate(counted_as(answers), 640, "", seeds())


def counted_as(answers: Iterator[int]) -> Tokeniser:
    """Return a tokeniser that counts these numbers one after the other."""
    return lambda _prompt: next(answers)
