import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.catalogue.options import InvalidOptions, Option
from common.catalogue.test_type import HEADROOM_TOKENS, Point, TestType

TYPE = TestType(
    "decode",
    "Speed",
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


SEVERAL = TestType(
    "sizes",
    "Sizes",
    "How much?",
    "loadTime",
    (
        Option("promptTokens", "tokens", (64, 128), 32, 4096, "…"),
        Option("batchSize", "inputs", (1, 2), 1, 8, "…"),
        Option("turns", "turns", 2, 1, 8, "…"),
        Option("contextLength", "tokens", None, 256, 8192, "…"),
    ),
    context_terms=(("turns", "promptTokens"), ("batchSize",)),
)


def test_json_writes_whole_numbers_with_a_decimal_too() -> None:
    resolved = SEVERAL.resolve({"promptTokens": [64.0, 1e2], "contextLength": 4096.0})
    assert repr((resolved["promptTokens"], resolved["contextLength"])) == "([64, 100], 4096)"


def test_of_some_options_several_values_may_be_given_or_one() -> None:
    assert SEVERAL.resolve({})["promptTokens"] == [64, 128]
    assert SEVERAL.resolve({"promptTokens": 99})["promptTokens"] == [99]
    assert SEVERAL.resolve({"promptTokens": [256, 64]})["promptTokens"] == [256, 64]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "must be 1 to 16 numbers"),
        (list(range(32, 49)), "must be 1 to 16 numbers"),
        ([64, 64], "must not contain the same number twice"),
        ([64, "128"], "must be a whole number or a list of whole numbers"),
        (None, "must be a whole number or a list of whole numbers"),
        ([31], "must be from 32 to 4096 tokens"),
    ],
)
def test_a_list_that_is_none_is_refused(value: object, problem: str) -> None:
    with pytest.raises(InvalidOptions) as refused:
        SEVERAL.resolve({"promptTokens": value})
    assert refused.value.problems == {"promptTokens": problem}


def test_every_combination_of_values_is_a_point() -> None:
    assert SEVERAL.points(SEVERAL.resolve({})) == [
        {"promptTokens": 64, "batchSize": 1},
        {"promptTokens": 64, "batchSize": 2},
        {"promptTokens": 128, "batchSize": 1},
        {"promptTokens": 128, "batchSize": 2},
    ]
    assert TYPE.points(DEFAULTS) == [{}]


LOADS = TestType(
    name="loads",
    title="Loads",
    question="How much?",
    headline="goodputShare",
    options=(
        Option("promptTokens", "tokens", (64, 128), 32, 4096, "…"),
        Option("share", "%", (50, 100), 1, 200, "…", may_be_empty=True),
        Option("rate", "1/s", (), 0.01, 100, "…", decimals=2, may_be_empty=True),
    ),
    context_terms=(("promptTokens",),),
    alternatives=("share", "rate"),
)


@pytest.mark.parametrize(
    ("given", "loads"),
    [
        ({}, [{"share": 50}, {"share": 100}]),
        ({"rate": 0.25}, [{"rate": 0.25}]),
        ({"rate": [1.0, 2], "share": [50]}, [{"share": 50}, {"rate": 1}, {"rate": 2}]),
        ({"rate": []}, [{"share": 50}, {"share": 100}]),
    ],
)
def test_each_value_of_an_alternative_is_a_point_and_replaces_the_defaults_of_the_others(
    given: dict[str, Any], loads: list[Point]
) -> None:
    resolved = LOADS.resolve({"promptTokens": 64, **given})
    assert LOADS.points(resolved) == [{"promptTokens": 64, **load} for load in loads]
    assert LOADS.resolve(resolved) == resolved


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"share": []}, {"share": "give at least one value of share or rate"}),
        ({"rate": [0.125]}, {"rate": "must have at most 2 decimals"}),
        ({"rate": "1"}, {"rate": "must be a number or a list of numbers"}),
        ({"rate": [0]}, {"rate": "must be from 0.01 to 100 1/s"}),
        ({"rate": [float("nan")]}, {"rate": "must be from 0.01 to 100 1/s"}),
        ({"share": [50.5]}, {"share": "must be a whole number or a list of whole numbers"}),
    ],
)
def test_a_load_that_is_none_is_refused(given: dict[str, Any], problem: dict[str, str]) -> None:
    with pytest.raises(InvalidOptions) as refused:
        LOADS.resolve(given)
    assert refused.value.problems == problem


def test_the_largest_values_must_fit_into_the_context() -> None:
    assert SEVERAL.context_for(SEVERAL.resolve({})) == 2 * 128 + 2 + HEADROOM_TOKENS
    with pytest.raises(InvalidOptions) as refused:
        SEVERAL.resolve({"contextLength": 300})
    needed = "must be at least 322: turns × promptTokens + batchSize + 64"
    assert refused.value.problems == {"contextLength": needed}


def test_what_the_worker_may_choose_may_be_left_to_it() -> None:
    assert SEVERAL.resolve({"contextLength": None})["contextLength"] is None


@pytest.mark.parametrize("value", ["5", 5.5, math.inf, None, True, [5]])
def test_only_whole_numbers_are_values(value: object) -> None:
    assert problems(minRepetitions=value) == {"minRepetitions": "must be a whole number"}


def test_every_problem_is_told_at_once_by_its_option() -> None:
    assert problems(temperature=1, promptTokens=31, outputTokens=5000) == {
        "temperature": "is not an option of decode; allowed are " + ", ".join(DEFAULTS),
        "promptTokens": "must be from 32 to 4096 tokens",
        "outputTokens": "must be from 16 to 4096 tokens",
    }


def test_values_must_fit_together() -> None:
    assert problems(minRepetitions=21) == {"minRepetitions": "is larger than maxRepetitions (20)"}
    assert problems(promptTokens=4000) == {
        "contextLength": "must be at least 4192: promptTokens + outputTokens + 64",
    }


@given(prompt=st.integers(32, 4096), output=st.integers(16, 4096), context=st.integers(256, 8192))
def test_what_is_allowed_fits_into_its_context(prompt: int, output: int, context: int) -> None:
    asked = {"promptTokens": prompt, "outputTokens": output, "contextLength": context}
    if prompt + output + HEADROOM_TOKENS <= context:
        assert TYPE.resolve(asked) == {**DEFAULTS, **asked}
    else:
        assert list(problems(**asked)) == ["contextLength"]
