"""Test types that are measured at several lengths of the prompt: ttft, prefill, context-depth."""

from typing import Any

import pytest

from common.records.test_metrics import TestMetrics
from common.store.reads import sessions
from common.store.tables import Test
from testbed.ollama_double import Timing
from tests.integration.worker.lab import MS, Lab, find_verdict, logged, repetitions, verdicts
from worker.test_types.context_depth import ContextDepth
from worker.test_types.prefill import Prefill
from worker.test_types.ttft import TimeToFirstToken
from worker.workload.test_type import Workload

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

SIZES: dict[str, Any] = {"promptTokens": [64, 256], "contextLength": 1024}


def by_size(metrics: dict[str, Any], metric: str) -> dict[int, float]:
    return {point["point"]["promptTokens"]: point["statistics"][metric]["value"] for point in metrics["points"]}


def measured(test: Test) -> list[tuple[int, int]]:
    """Return the length of the prompts and the repetition of each run, in their order."""
    return sorted((int(run.conditions["promptTokens"]), run.repetition) for run in sessions.runs(test))


def test_each_length_has_its_own_runs_in_one_context_length(lab: Lab) -> None:
    test = lab.test(**SIZES, minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test, workload=TimeToFirstToken())
    assert measured(test) == [(64, 1), (64, 2), (256, 1), (256, 2)]
    assert {seen.options["num_ctx"] for seen in lab.double.requests} == {1024}
    counted = by_size(metrics, "promptTokens")
    assert counted.keys() == {64, 256}
    assert all(abs(value - size) <= 0.02 * size + 1 for size, value in counted.items())
    assert [point["runs"] for point in metrics["points"]] == [2, 2]


def test_the_first_token_takes_longer_after_a_longer_prompt(lab: Lab) -> None:
    lab.double.timing = Timing(read=0.5)
    metrics = lab.run(lab.test(**SIZES), workload=TimeToFirstToken())
    waits = by_size(metrics, "timeToFirstToken")
    assert waits[256] >= 2 + 0.5 * 250 > waits[64]
    assert metrics["timeToFirstToken"] == waits[64]
    assert metrics["headline"]["point"] == {"promptTokens": 64}
    assert "with a prompt of 64 tokens, and after" in metrics["finding"]


def test_the_longest_prompt_is_the_main_point_of_prefill(lab: Lab) -> None:
    lab.double.last = {"prompt_eval_duration": 100_000_000}
    metrics = lab.run(lab.test(**SIZES | {"promptTokens": [256, 64]}), workload=Prefill())
    rates = by_size(metrics, "promptTokensPerSecond")
    assert metrics["headline"]["point"] == {"promptTokens": 256}
    assert metrics["tokensPerSecond"] == metrics["promptTokensPerSecond"] == rates[256] > 2 * rates[64]
    assert metrics["promptFixedTime"] == pytest.approx(100)  # for any length
    assert metrics["promptTimePerToken"] == pytest.approx(0, abs=1e-9)
    assert "A prompt takes 100 ms" in metrics["finding"]


def test_no_prompt_is_said_to_take_less_than_no_time() -> None:
    """Where attention dominates, the line through the times begins below 0."""
    rates = ((64, 247.0), (256, 188.0))
    points = [
        {"point": {"promptTokens": tokens}, "statistics": {"promptTokensPerSecond": {"value": rate}}}
        for tokens, rate in rates
    ]
    found = TestMetrics.parse({"points": points, "promptFixedTime": -93.1, "promptTimePerToken": 5.45})
    assert Prefill().finding(found) == (
        "The model reads prompts of 64 tokens at 247 tokens/s, and prompts of 256 tokens at 188 tokens/s. "
        "Long prompts take more time for each token than short ones."
    )


def test_depth_is_reported_as_a_share_of_the_first_rate(lab: Lab) -> None:
    metrics = lab.run(lab.test(**SIZES), workload=ContextDepth())  # the double's rate is 100 tokens/s anywhere
    assert metrics["finding"] == (
        "The model writes 100 tokens/s after 64 tokens of context, and 100 tokens/s after 256: "
        "100 % of the first rate. 2 runs, no interval."
    )


@pytest.mark.parametrize("workload", [TimeToFirstToken(), Prefill(), ContextDepth()])
def test_one_length_gives_a_finding_without_points(lab: Lab, workload: Workload) -> None:
    metrics = lab.run(lab.test(), workload=workload)
    assert metrics["points"] == []
    assert metrics["headline"]["point"] == {"promptTokens": 64}
    assert metrics["finding"].endswith(".")


def test_lengths_beyond_the_models_context_are_left_out_and_flagged(lab: Lab) -> None:
    lab.double.context_length = 512
    test = lab.test(promptTokens=[64, 128, 1024], contextLength=None)
    metrics = lab.run(test, workload=Prefill())
    assert {seen.options["num_ctx"] for seen in lab.double.requests} == {512}
    evidence = find_verdict(metrics, "points-left-out")["evidence"]
    assert evidence == {"points": [{"promptTokens": 1024}], "contextLength": 512}
    assert by_size(metrics, "promptTokens").keys() == {64, 128}
    assert logged(test, "points-left-out") == 1


def test_verdicts_name_their_point(lab: Lab) -> None:
    lab.double.last_of = lambda _: {"prompt_eval_duration": int(MS * 1.1 ** len(lab.double.requests))}
    test = lab.test(**SIZES, minRepetitions=6, maxRepetitions=6)
    metrics = lab.run(test, workload=Prefill())
    points = [verdict["point"] for verdict in metrics["verdicts"] if verdict["name"] == "unsettled"]
    assert points == [{"promptTokens": 64}, {"promptTokens": 256}]
    assert logged(test, "unsettled at promptTokens 64") == logged(test, "unsettled at promptTokens 256") == 1
    assert "points-left-out" not in verdicts(metrics)


def test_a_verdict_on_the_whole_test_is_logged_once(lab: Lab) -> None:
    lab.double.size_vram_share = 0.5
    test = lab.test(**SIZES)
    metrics = lab.run(test, workload=TimeToFirstToken())
    assert find_verdict(metrics, "partly-on-cpu")["point"] == {}
    assert logged(test, "partly-on-cpu") == 1


class Superseded(Exception):
    pass


@pytest.mark.parametrize("runs", [0, 1, 2, 3, 4])
def test_a_resumed_test_continues_at_the_missing_point_and_run(lab: Lab, runs: int) -> None:
    test = lab.test(**SIZES, minRepetitions=2, maxRepetitions=2)

    def let_go(_: object) -> None:
        if len(repetitions(test)) == runs:
            raise Superseded

    lab.checkpoint = let_go
    if runs < 4:
        with pytest.raises(Superseded):
            lab.run(test, by="one", workload=TimeToFirstToken())
    else:
        lab.run(test, by="one", workload=TimeToFirstToken())
    before = len(lab.double.requests)
    lab.checkpoint = lambda _: None
    metrics = lab.run(test, by="two", workload=TimeToFirstToken())
    assert measured(test) == [(64, 1), (64, 2), (256, 1), (256, 2)]
    assert [point["runs"] for point in metrics["points"]] == [2, 2]
    assert len({seen.prompt for seen in lab.double.requests}) == len(lab.double.requests)
    if runs == 4:
        assert len(lab.double.requests) == before  # all is there: nothing is asked
