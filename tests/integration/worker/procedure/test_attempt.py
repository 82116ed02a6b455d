"""Whole test runs in which some runs are not valid."""

import pytest

from common.store.reads import sessions
from common.values.free_json import Json
from testbed.ollama_double import Script, Timing
from testbed.waiting import until
from tests.integration.worker.lab import MS, STEADY, Lab, at_rates, find_verdict, logged, rejected, verdicts
from worker.test_types.cold_start import ColdStart
from worker.test_types.decode import Decode
from worker.workload.run_context import RunContext

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

SECOND = 1000 * MS


def agreeing(lab: Lab) -> None:
    """Make the double's tokens come slowly enough for both clocks to agree on them."""
    lab.double.timing, lab.double.last = Timing(first=2, each=2), {}


def test_a_valid_run_has_no_verdict(lab: Lab) -> None:
    agreeing(lab)

    def is_without_verdicts() -> bool:
        test = lab.test(minRepetitions=2, maxRepetitions=2)
        lab.run(test)
        return [run.record["verdicts"] for run in sessions.runs(test)] == [[], []]

    until(is_without_verdicts, "a test that no other program disturbs")


def test_fields_and_rates_that_contradict_the_client_are_flagged(lab: Lab) -> None:
    agreeing(lab)
    test = lab.test(minRepetitions=3, maxRepetitions=3)
    metrics = lab.run(test, *[Script(last={"eval_duration": 300 * SECOND})] * 2)
    for name in ("fields-disagree", "rates-disagree"):
        assert (find_verdict(metrics, name)["severity"], find_verdict(metrics, name)["repetitions"]) == (
            "flags",
            [1, 2],
        )
        assert logged(test, name) == 1  # the first time
    assert find_verdict(metrics, "fields-disagree")["evidence"]["residual"] < -250_000
    rates = find_verdict(metrics, "rates-disagree")["evidence"]
    assert rates["decodeTokensPerSecond"] == pytest.approx(0.05)
    assert rates["clientTokensPerSecond"] > 0.1


def test_wrong_fields_of_an_answer_are_flagged_and_their_figures_unknown(lab: Lab) -> None:
    wrong = {"total_duration": -5, "load_duration": "long", "eval_duration": 1.5}
    lab.double.last = {**wrong, "prompt_eval_duration": None}
    metrics = lab.run(lab.test(minRepetitions=2, maxRepetitions=2))
    assert find_verdict(metrics, "fields-invalid")["evidence"] == {"fields": ", ".join(wrong)}
    assert metrics["tokensPerSecond"] is None
    assert not {"queueTime", "loadTime", "promptTokensPerSecond", "decodeTokensPerSecond"} & metrics.keys()
    assert metrics["timeToFirstToken"] > 0
    assert not {"fields-disagree", "clocks-disagree", "reloaded"} & verdicts(metrics)


ODD: list[Json] = [{"size": None}, {"size": "7", "size_vram": []}, {"digest": None}, {"size_vram": 1 << 40}]


@pytest.mark.parametrize("odd", ODD)
def test_odd_values_in_memory_end_no_test(lab: Lab, odd: Json) -> None:
    others: list[object] = [None, 7, {"digest": "d"}]
    lab.double.listed_loaded = lambda entries: [*others, *[{**entry, **odd} for entry in entries]]
    metrics = lab.run(lab.test(minRepetitions=2, maxRepetitions=2))
    assert not {"runs-rejected", "other-model", "partly-on-cpu"} & verdicts(metrics)


@pytest.mark.parametrize(
    ("changed", "name", "difference"),
    [
        ({"overcount": 1}, "counts-disagree", 100 / 14),
        ({"overcount": -1}, "counts-disagree", -100 / 16),
        ({"tokens_per_chunk": 4}, "few-chunks", 400),
    ],
)
def test_a_server_that_counts_more_or_less_than_it_sends_is_flagged(
    lab: Lab, changed: dict[str, int], name: str, difference: float
) -> None:
    agreeing(lab)
    for attribute, value in changed.items():
        setattr(lab.double, attribute, value)
    metrics = lab.run(lab.test(minRepetitions=2, maxRepetitions=2))
    assert find_verdict(metrics, name)["evidence"]["difference"] == pytest.approx(difference)
    assert not {"output-length", "runs-rejected"} & verdicts(metrics)


@pytest.mark.parametrize("last", [{"prompt_eval_cached_count": 600}, {"prompt_eval_count": 513}])
def test_impossible_counts_of_the_prompt_are_flagged(lab: Lab, last: Json) -> None:
    """The context is of 512 tokens. The prompts of determinism may be cached, so that any count is accepted."""
    metrics = lab.run(lab.test("determinism", minRepetitions=2, maxRepetitions=2), *[Script(last=last)] * 4)
    assert "prompt-counts" in verdicts(metrics)


def test_the_models_in_memory_before_a_run_are_recorded(lab: Lab) -> None:
    test = lab.test(minRepetitions=1, maxRepetitions=1)
    assert "other-model" not in verdicts(lab.run(test))
    ((loaded,),) = [run.record["loaded"] for run in sessions.runs(test)]
    assert (loaded["name"], loaded["size"]) == ("tiny:latest", 7_077_287)


def test_another_model_in_memory_is_flagged(lab: Lab) -> None:
    lab.double.models = ("tiny:latest", "other:latest")
    lab.double.loaded["other:latest"] = 512
    found = find_verdict(lab.run(lab.test(minRepetitions=2, maxRepetitions=2)), "other-model")
    assert found["evidence"] == {"models": {"other:latest": {"size": 7_077_287, "sizeVram": 0}}}
    assert found["repetitions"] == [1, 2]


@pytest.mark.parametrize("relation", ["copy", "create"])
def test_a_model_with_the_same_weights_is_the_same_one(lab: Lab, relation: str) -> None:
    """A server lists a runner by the name of the model that loaded it."""
    getattr(lab.double, relation)("tiny:latest", "copy:latest")
    lab.double.load("copy:latest", {"num_ctx": 512})
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    assert not {"other-model", "reloaded"} & verdicts(lab.run(test))
    assert [run.record["loaded"][0]["name"] for run in sessions.runs(test)] == ["copy:latest"] * 2


def test_a_runner_that_another_client_uses_in_another_way_is_taken_back_before_a_run(lab: Lab) -> None:
    """The other client's model has the same weights. Its context length makes the server load them again."""
    lab.double.create("tiny:latest", "copy:latest")

    class Shared(Decode):
        def before_run(self, context: RunContext, seed: str) -> None:
            lab.double.load("copy:latest", {"num_ctx": 4096})
            super().before_run(context, seed)

    test = lab.test(minRepetitions=3, maxRepetitions=3)
    lab.run(test, workload=Shared())
    assert [run.record["loaded"][0]["name"] for run in sessions.runs(test)] == ["tiny:latest"] * 3


@pytest.mark.parametrize("change", ["deleted", "overwritten"])
def test_a_runner_of_a_model_that_is_gone_is_replaced(lab: Lab, change: str) -> None:
    lab.double.create("tiny:latest", "copy:latest")
    lab.double.load("copy:latest", {"num_ctx": 512})
    if change == "deleted":
        lab.double.delete("copy:latest")
    else:
        lab.double.create("tiny:latest", "copy:latest")
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    assert not {"other-model", "reloaded"} & verdicts(lab.run(test))
    assert [run.record["loaded"][0]["name"] for run in sessions.runs(test)] == ["tiny:latest"] * 2


def test_a_run_that_reloaded_the_model_is_repeated(lab: Lab) -> None:
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test, Script(last={"load_duration": 600 * SECOND}))
    assert rejected(test) == [["reloaded"], []]
    evidence = find_verdict(metrics, "reloaded")["evidence"]
    assert (evidence["loadedBefore"], evidence["loadTime"]) == (True, 600_000)
    assert 0 <= evidence["warmUps"] < 60_000


def test_a_load_as_long_as_the_warm_ups_is_not_a_reload(lab: Lab) -> None:
    lab.double.last = {**STEADY, "load_duration": 100 * MS}
    test = lab.test(minRepetitions=1, maxRepetitions=1)
    lab.run(test, Script(last={"load_duration": 900 * MS}))
    assert rejected(test) == [[]]


class Evicted(Decode):
    """A test type whose model is unloaded once between `before_run` and the run."""

    evictions = 1

    def before_run(self, context: RunContext, seed: str) -> None:
        super().before_run(context, seed)
        if self.evictions:
            self.evictions -= 1
            context.driver.unload(context.model)


def test_a_warm_run_without_the_model_in_memory_is_rejected(lab: Lab) -> None:
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test, workload=Evicted())
    assert rejected(test) == [["reloaded"], []]
    assert find_verdict(metrics, "reloaded")["evidence"]["loadedBefore"] is False


class Preloaded(ColdStart):
    """A test type whose model is loaded once after `before_run` has unloaded it."""

    loads = 1

    def before_run(self, context: RunContext, seed: str) -> None:
        super().before_run(context, seed)
        if self.loads:
            self.loads -= 1
            context.generate(self.prompt(context, "spare"))


def test_a_cold_run_with_the_model_in_memory_is_rejected(lab: Lab) -> None:
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test, workload=Preloaded())
    assert rejected(test) == [["still-loaded"], []]
    assert not {"reloaded", "other-model"} & verdicts(metrics)


def test_a_series_that_becomes_slower_is_flagged_and_logged(lab: Lab) -> None:
    test = lab.test(minRepetitions=6, maxRepetitions=6)
    metrics = lab.run(test, *at_rates(100, 98, 96, 94, 92, 90))
    assert find_verdict(metrics, "drifting")["evidence"]["share"] == pytest.approx(-100 * 10 / 95)
    assert metrics["statistics"]["decodeTokensPerSecond"]["drift"]["slope"] == pytest.approx(-2)
    assert logged(test, "drifting") == 1
