"""The answer of a test to the question of its type."""

from collections.abc import Mapping

import pytest

from common.catalogue.test_type import AnswerKind
from common.catalogue.test_types import TEST_TYPES
from common.records.answers import answer
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Median
from common.stats.ratio import percent

RATE, WAIT = "decodeTokensPerSecond", "timeToFirstToken"


Points = Mapping[tuple[str, object], float | None]
"""The median of a metric at each condition."""


def metrics(headline: str, of: str, points: Points, values: Mapping[str, float] = {}) -> TestMetrics:
    """Return metrics with a median of the metric `of` at each point; the first point represents the test."""
    measured = [
        {"point": {name: at}, "runs": 6, "statistics": {of: {"value": value, "unit": "", "n": 6, "ci95": None}}}
        for (name, at), value in points.items()
    ]
    first = measured[0] if measured else {"point": {}, "statistics": {}}
    stored = {"headline": {"name": headline, "unit": "", "point": first["point"]}, "statistics": first["statistics"]}
    return TestMetrics.parse({**values, **stored, "points": measured})


@pytest.mark.parametrize(
    ("test_type", "found", "label", "shown", "at"),
    [
        (
            "context-depth",
            metrics(RATE, RATE, {("promptTokens", 64): 50.0, ("promptTokens", 8192): 40.0}),
            "rate kept at depth",
            (80.0, "%"),
            "8192 prompt tokens against 64 prompt tokens",
        ),
        (
            "context-depth",
            metrics(RATE, RATE, {("promptTokens", 64): 50.0}),
            "decode",
            (50.0, "tokens/s"),
            "64 prompt tokens",
        ),
        (
            "multi-turn",
            metrics(WAIT, WAIT, {("turn", 1): 100.0, ("turn", 8): 150.0}),
            "wait of the last turn",
            (150.0, "%"),
            "turn 8 against turn 1",
        ),
        ("multi-turn", metrics(WAIT, WAIT, {("turn", 1): 100.0, ("turn", 8): None}), "TTFT", (100.0, "ms"), "turn 1"),
        (
            "prefix-cache",
            metrics(WAIT, "cacheSaving", {("promptTokens", 512): 91.0}),
            "saved by the cache",
            (91.0, "%"),
            "512 prompt tokens",
        ),
        ("sustained", metrics(RATE, RATE, {}, {"rateRetained": 97.5}), "rate kept", (97.5, "%"), ""),
        ("capacity", metrics("", "", {}, {"capacityRate": 2.5}), "rate served well", (2.5, "requests/s"), ""),
        ("concurrency", metrics("", "", {}, {"kneeUsers": 4.0}), "knee", (4.0, "users"), ""),
        (
            "open-loop",
            metrics("", "goodput", {("loadPercent", 50): 1.0, ("loadPercent", 80): 1.6, ("loadPercent", 100): 1.1}),
            "goodput",
            (1.6, "requests/s"),
            "80 % load",
        ),
        ("decode", metrics(RATE, "", {}, {RATE: 50.0}), "decode", (50.0, "tokens/s"), ""),
        ("of-tomorrow", metrics("of-tomorrow", "", {}, {"of-tomorrow": 5.0}), "of-tomorrow", (5.0, ""), ""),
    ],
)
def test_an_answer_is_what_the_question_asks_for(
    test_type: str, found: TestMetrics, label: str, shown: tuple[float, str], at: str
) -> None:
    given = answer(test_type, found)
    assert (given.label, (given.value, given.unit), given.at) == (label, shown, at)


def test_the_bounds_of_a_search_are_a_range_without_a_number_of_values() -> None:
    rates = {"capacityRate": 2.5, "capacityRateLow": 2.0, "capacityRateHigh": 3.0}
    found = answer("capacity", metrics("capacityUsers", "", {}, rates))
    assert (found.bounds, found.n) == ([2.0, 3.0], None)


def test_a_ratio_is_as_uncertain_as_both_of_its_medians() -> None:
    part, whole = (Median(value=value, unit="", n=6, ci95=[0.9 * value, 1.1 * value]) for value in (50.0, 100.0))
    found = percent(part, whole)
    assert found is not None
    assert found["value"] == 50.0
    assert found["ci95"] == pytest.approx([43.4, 57.6], abs=0.1)
    assert percent(part, {**whole, "value": 0.0}) is None


@pytest.mark.parametrize("name", TEST_TYPES)
def test_what_stands_beside_an_answer_is_another_metric(name: str) -> None:
    declared = TEST_TYPES[name]
    prime = declared.answer.metric if declared.answer else declared.headline
    is_itself = declared.answer is None or declared.answer.kind != AnswerKind.KEPT
    assert not is_itself or prime not in declared.beside
