import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.catalogue import HEADROOM_TOKENS, InvalidOptions, Option, TestType

TYPE = TestType(
    "decode",
    "How fast?",
    "loadTime",
    (
        Option("promptTokens", "tokens", 64, 32, 4096, "…"),
        Option("outputTokens", "tokens", 128, 16, 4096, "…"),
        Option("contextLength", "tokens", 2048, 256, 8192, "…"),
        Option("minRepetitions", "runs", 5, 1, 1000, "…"),
        Option("maxRepetitions", "runs", 20, 1, 1000, "…"),
    ),
)
DEFAULTS = {option.name: option.default for option in TYPE.options}


def problems(**given_: object) -> dict[str, str]:
    with pytest.raises(InvalidOptions) as refused:
        TYPE.resolve(given_)
    assert all(name in str(refused.value) for name in refused.value.problems)
    return refused.value.problems


def test_what_is_not_given_is_the_default() -> None:
    assert TYPE.resolve({}) == DEFAULTS
    assert TYPE.resolve({"outputTokens": 16}) == {**DEFAULTS, "outputTokens": 16}


@pytest.mark.parametrize("value", ["5", 5.0, None, True, [5]])
def test_only_whole_numbers_are_values(value: object) -> None:
    assert problems(minRepetitions=value) == {"minRepetitions": "must be a whole number"}


def test_every_problem_is_told_at_once_by_its_option() -> None:
    assert problems(temperature=1, promptTokens=31, outputTokens=5000) == {
        "temperature": "is no option; allowed are " + ", ".join(DEFAULTS),
        "promptTokens": "must be from 32 to 4096 tokens",
        "outputTokens": "must be from 16 to 4096 tokens",
    }


def test_values_must_fit_together() -> None:
    assert problems(minRepetitions=21) == {"minRepetitions": "is over maxRepetitions (20)"}
    assert problems(promptTokens=4000) == {
        "contextLength": "must be 4192 at least: promptTokens + outputTokens + 64",
    }


@given(prompt=st.integers(32, 4096), output=st.integers(16, 4096), context=st.integers(256, 8192))
def test_what_is_allowed_fits_into_its_context(prompt: int, output: int, context: int) -> None:
    asked = {"promptTokens": prompt, "outputTokens": output, "contextLength": context}
    if prompt + output + HEADROOM_TOKENS <= context:
        assert TYPE.resolve(asked) == {**DEFAULTS, **asked}
    else:
        assert list(problems(**asked)) == ["contextLength"]


def test_a_type_survives_its_description() -> None:
    assert TestType.from_description(TYPE.describe()) == TYPE
