import pytest

from common.catalogue.options import context_length, output_tokens, prompt_tokens, repetitions
from common.catalogue.test_type import MIN_CONTEXT, TestType
from common.errors import TestFailure
from worker.workload import context_window

SIZES = TestType(
    "sizes",
    "Sizes",
    "How long?",
    "loadTime",
    (prompt_tokens(64, 4096), output_tokens(16), context_length(), *repetitions()),
)


def length(limit: int | None, **options: object) -> int:
    return context_window.length(SIZES, SIZES.resolve(options), limit)


def test_the_default_context_is_as_long_as_the_test_needs() -> None:
    assert length(131_072) == length(None) == 4096 + 16 + 64
    assert length(131_072, promptTokens=64) == MIN_CONTEXT


def test_the_models_context_is_the_maximum() -> None:
    assert length(1024) == 1024
    assert length(512, promptTokens=64) == 512


def test_a_requested_context_is_used_or_refused() -> None:
    assert length(8192, contextLength=5000) == 5000
    with pytest.raises(TestFailure, match="context of 4096 tokens; set contextLength to at most that"):
        length(4096, contextLength=5000)


def fitting(context_length_: int, *sizes: int) -> list[int]:
    options = SIZES.resolve({"promptTokens": list(sizes), "contextLength": None})
    points = context_window.fitting(SIZES, options, SIZES.points(options), context_length_)
    return [int(point["promptTokens"]) for point in points]


def test_points_that_do_not_fit_into_the_context_are_left_out() -> None:
    assert fitting(4176, 64, 4096) == [64, 4096]
    assert fitting(4175, 64, 4096) == [64]


def test_a_test_without_fitting_points_fails_with_the_needed_length() -> None:
    with pytest.raises(TestFailure, match="needs a context of at least 1104 tokens, and this one has 512"):
        fitting(512, 1024, 4096)
