"""One test from its first request to its summary."""

from typing import Any

import pytest

from common.errors import ClaimLost, TestFailure
from common.store.reads import sessions
from common.store.tables import LogLine, Phase, Run, Test
from testbed.ollama_double import Script, Timing
from testbed.stored.sessions import claim
from tests.integration.worker.lab import MS, STEADY, Lab, at_rates, repetitions, verdicts
from tests.support.ollama.generations import known
from worker.procedure.progress import TestProgress

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]


# Measurements


def test_metrics_come_from_server_and_client(lab: Lab) -> None:
    lab.double.timing = Timing(load=5, first=20, each=2)
    lab.double.last = {}
    test = lab.test(minRepetitions=3, maxRepetitions=3)
    metrics = lab.run(test)
    for run in sessions.runs(test):
        (request,) = run.record["requests"]
        server, arrivals = request["server"], request["contentUs"]
        assert run.metrics["decodeTokensPerSecond"] == pytest.approx(15e9 / known(server["output_ns"]))
        assert run.metrics["tokensPerSecond"] == run.metrics["decodeTokensPerSecond"]
        assert run.metrics["inferenceTime"] == pytest.approx(arrivals[-1] / 1000, abs=0.001)
        assert (run.metrics["timeToFirstToken"] or 0.0) >= 20  # the double waits at least so long
        assert known(server["total_ns"]) <= request["doneUs"] * 1000 + 1000
        assert len(arrivals) == server["output_tokens"] == 16
        assert abs(known(server["prompt_tokens"]) - 64) <= 2
        assert run.record["window"][0] <= run.record["window"][1]
    rates = sorted(run.metrics["tokensPerSecond"] or 0.0 for run in sessions.runs(test))
    assert metrics["tokensPerSecond"] == rates[1]


def test_prompts_are_unique_and_have_one_length(lab: Lab) -> None:
    lab.run(lab.test(minRepetitions=4, maxRepetitions=4))
    heads = [seen.prompt[:12] for seen in lab.double.requests]
    assert all(head.isdigit() for head in heads)
    assert len(set(heads)) == len(heads)
    assert {seen.options["num_ctx"] for seen in lab.double.requests} == {512}
    assert [seen.options["num_predict"] for seen in lab.double.requests[-6:]] == [16] * 6  # two warm-ups, four runs


def test_timings_do_not_need_a_sampler(lab: Lab) -> None:
    metrics = lab.run(lab.test())
    assert metrics["tokensPerSecond"] == pytest.approx(100)
    assert (metrics["ramUsage"], metrics["cpuUsage"]) == (None, None)
    assert "no-readings" in verdicts(metrics)


# The number of runs


def test_it_stops_at_the_first_look_if_the_median_is_known(lab: Lab) -> None:
    test = lab.test(minRepetitions=4, maxRepetitions=20)
    metrics = lab.run(test)
    assert repetitions(test) == list(range(1, 9))
    assert "unsettled" not in verdicts(metrics)


def test_it_stops_when_the_interval_has_become_narrow(lab: Lab) -> None:
    test = lab.test(minRepetitions=3, maxRepetitions=30)
    lab.run(test, *at_rates(50, 150, 90))
    assert 3 < len(repetitions(test)) < 30


def test_it_stops_at_the_maximum_and_flags_it(lab: Lab) -> None:
    test = lab.test(minRepetitions=3, maxRepetitions=6)
    metrics = lab.run(test, *at_rates(50, 150, 50, 150, 50, 150))
    assert repetitions(test) == [1, 2, 3, 4, 5, 6]
    assert "unsettled" in verdicts(metrics)


# The order of the runs


def test_a_drift_of_the_machine_falls_on_all_points_alike(lab: Lab) -> None:
    lab.double.last_of = lambda _: {"eval_duration": int(150 * MS * 1.02 ** len(lab.double.requests))}
    metrics = lab.run(lab.test("context-depth", promptTokens=[64, 96, 128], minRepetitions=6, maxRepetitions=6))
    rates = [point["statistics"]["decodeTokensPerSecond"]["median"] for point in metrics["points"]]
    assert max(rates) / min(rates) <= 1.02**3  # it would be 1.02**12 if each point had its runs in a row


# Warming up


def warm_ups(test: Test) -> int:
    return LogLine.select().where(LogLine.test == test, LogLine.text.startswith("warm-up")).count()


def test_two_warm_ups_that_agree_are_enough(lab: Lab) -> None:
    test = lab.test()
    assert "unstable-warm-up" not in verdicts(lab.run(test))
    assert warm_ups(test) == 2


def test_warm_ups_continue_until_two_agree(lab: Lab) -> None:
    test = lab.test()
    assert "unstable-warm-up" not in verdicts(lab.run(test, *at_rates(25, 50, 98), during=Phase.WARMING_UP))
    assert warm_ups(test) == 4


def test_a_machine_that_does_not_settle_is_measured_and_flagged(lab: Lab) -> None:
    test = lab.test()
    metrics = lab.run(test, *at_rates(10, 20, 40, 80, 160), during=Phase.WARMING_UP)
    assert warm_ups(test) == 5
    assert "unstable-warm-up" in verdicts(metrics)


def test_a_model_that_is_partly_on_the_cpu_is_flagged(lab: Lab) -> None:
    lab.double.size_vram_share = 0.5
    assert "partly-on-cpu" in verdicts(lab.run(lab.test()))


# Impossible tests


def test_a_context_beyond_the_model_is_refused_with_its_limit(lab: Lab) -> None:
    with pytest.raises(TestFailure, match="context of 8192 tokens; set contextLength to at most that"):
        lab.run(lab.test(contextLength=8193))
    assert not lab.double.requests


def test_a_server_that_counts_no_prompt_tokens_cannot_be_measured(lab: Lab) -> None:
    lab.double.last = {**STEADY, "prompt_eval_count": None}
    with pytest.raises(TestFailure, match="does not count the tokens"):
        lab.run(lab.test())


# Stopping and resuming


class Superseded(Exception):
    pass


def test_a_resumed_test_continues_at_the_first_missing_run(lab: Lab) -> None:
    test = lab.test(minRepetitions=5, maxRepetitions=5)

    def let_go(_: TestProgress) -> None:
        if len(repetitions(test)) == 2:
            raise Superseded

    lab.checkpoint = let_go
    with pytest.raises(Superseded):
        lab.run(test, by="one")
    before = list(Run.select().dicts())
    lab.checkpoint = lambda _: None
    lab.run(test, by="two")
    assert repetitions(test) == [1, 2, 3, 4, 5]
    assert list(Run.select().where(Run.repetition <= 2).dicts()) == before
    assert len({seen.prompt for seen in lab.double.requests}) == len(lab.double.requests)


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.WARMING_UP, Phase.MEASURING])
def test_it_can_stop_between_any_two_requests(lab: Lab, phase: Phase) -> None:
    def let_go(report: TestProgress) -> None:
        if report.test.phase == phase:
            raise Superseded

    lab.checkpoint = let_go
    test = lab.test()
    with pytest.raises(Superseded):
        lab.run(test)
    assert repetitions(test) == []


KILLED: list[tuple[dict[str, Any], set[str]]] = [
    ({"faults": at_rates(10, 20, 40, 80, 160), "during": Phase.WARMING_UP}, {"unstable-warm-up"}),
    ({"faults": [Script(last={"done_reason": "stop"})], "during": Phase.MEASURING}, {"output-length", "runs-rejected"}),
    ({"faults": [Script(status=500, error="busy")], "during": Phase.MEASURING}, {"request-failed", "runs-rejected"}),
]


@pytest.mark.parametrize(("before", "names"), KILLED)
def test_verdicts_stay_when_another_worker_takes_over(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, before: dict[str, Any], names: set[str]
) -> None:
    """The worker dies at once after it has stored the verdict."""
    test = lab.test(minRepetitions=1, maxRepetitions=1)
    lab.double.size_vram_share = 0.5

    def die(*_: object, **__: object) -> None:
        if names & {verdict["name"] for verdict in sessions.test(test.id).verdicts or ()}:
            raise Superseded

    with monkeypatch.context() as dying:
        dying.setattr(TestProgress, "_publish_line", die)
        with pytest.raises(Superseded):
            lab.run(test, *before["faults"], during=before["during"], by="one")
    lab.double.scripts.clear()
    lab.double.size_vram_share = 1.0
    metrics = lab.run(sessions.test(test.id), by="two")
    assert names <= verdicts(metrics)
    assert ("partly-on-cpu" in verdicts(metrics)) == (before["during"] == Phase.MEASURING)
    assert metrics["runs"]["rejected"] == (before["during"] == Phase.MEASURING)


def test_attempts_of_all_workers_count(lab: Lab) -> None:
    test = lab.test(minRepetitions=1, maxRepetitions=1)
    lab.run(test, *[Script(last={"done_reason": "stop"})] * 3)
    Run.delete().execute()
    with pytest.raises(TestFailure, match="Run 1 was rejected 4 times"):
        lab.run(sessions.test(test.id), Script(last={"done_reason": "stop"}), by="two")
    with pytest.raises(TestFailure, match="Run 1 was rejected 4 times"):
        lab.run(sessions.test(test.id), by="three")


def test_a_test_with_all_its_runs_is_only_summarised(lab: Lab) -> None:
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    first = lab.run(test, by="one")
    again = lab.run(test, by="two")
    assert again["statistics"] == first["statistics"]
    assert len(sessions.runs(test)) == 2


def test_a_superseded_worker_stores_nothing(lab: Lab) -> None:
    test = lab.test()

    def overtake(report: TestProgress) -> None:
        if report.test.phase == Phase.MEASURING:
            claim(test.session, "another")

    lab.checkpoint = overtake
    with pytest.raises(ClaimLost):
        lab.run(test)
    assert repetitions(test) == []
