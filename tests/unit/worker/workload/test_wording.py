"""Numbers in findings, with what is known of their intervals."""

from typing import Any

import pytest

from common.records.test_metrics import TestMetrics
from common.stats.censored import CENSORED
from common.stats.summary import summarise
from worker.test_types.decode import Decode
from worker.test_types.thinking import Thinking
from worker.workload.wording import duration, rate, share


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([80.0, 90.0] * 10, "85.0 tokens/s (80.0 to 90.0)"),
        ([80.0, 90.0], "85.0 tokens/s"),
        ([80.0] * 6, "80.0 tokens/s"),
    ],
)
def test_a_rate_has_its_interval_if_there_are_enough_runs(samples: list[float], expected: str) -> None:
    assert rate(summarise(samples, "tokens/s")) == expected


def test_a_value_and_its_interval_are_in_one_unit() -> None:
    assert duration(summarise([900.0, 1100.0] * 10, "ms")) == "1.00 s (0.90 to 1.10)"


def test_an_interval_without_an_end_says_so() -> None:
    assert duration(summarise([1.0, 2, 3, 4, 5, CENSORED], "ms")) == "3.50 ms (1.36 or more)"
    assert duration(summarise([1.0] + [CENSORED] * 5, "ms")) == "longer than was measured"


@pytest.mark.parametrize(("words", "expected"), [(rate, "an unknown rate"), (share, "an unknown share")])
def test_an_unknown_value_is_called_unknown(words: Any, expected: str) -> None:
    assert words(None) == expected


def metrics(name: str, samples: list[float]) -> TestMetrics:
    found = summarise(samples, "")
    return TestMetrics(
        {name: found["value"]}, headline={"name": name, "unit": "", "point": {}}, statistics={name: found}
    )


def test_a_finding_says_that_few_runs_have_no_interval() -> None:
    found = Decode().conclusion(metrics("decodeTokensPerSecond", [84.0, 84.2, 84.4]))
    assert found == "The model writes 84.2 tokens/s. 3 runs, no interval."
    assert Decode().conclusion(metrics("decodeTokensPerSecond", [84.0] * 6)).endswith("The model writes 84.0 tokens/s.")


CUT = "2 of 8 runs reached no answer within outputTokens."


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        (2, "The model begins to answer after 4.50 ms (1.94 or more), without thinking. " + CUT),
        (6, "6 of 8 runs reached no answer within outputTokens, so the time to an answer is unknown."),
        (8, "No answer was reached within outputTokens, so the time to an answer is unknown."),
    ],
)
def test_thinking_says_how_many_runs_were_cut(cut: int, expected: str) -> None:
    samples = [float(i) for i in range(1, 9 - cut)] + [CENSORED] * cut
    assert Thinking().finding(metrics("timeToAnswer", samples)) == expected
