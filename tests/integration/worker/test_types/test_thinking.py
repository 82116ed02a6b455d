from typing import Any

import pytest

from common.errors import TestFailure
from common.store.reads import sessions
from common.store.tables import LogLine, Test
from testbed.ollama_double import Timing
from tests.integration.worker.lab import Lab, find_verdict, rejected, verdicts
from worker.test_types.thinking import QUESTION

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

EACH_MS = 2
THOUGHTS = 10


@pytest.fixture(autouse=True)
def thinking(lab: Lab) -> None:
    """Sixteen tokens, ten of them thinking. The answer ends by itself."""
    lab.double.capabilities = ["completion", "thinking"]
    lab.double.thoughts = THOUGHTS
    lab.double.timing = Timing(first=2, each=EACH_MS)
    lab.double.last = {"done_reason": "stop"}


def measured(lab: Lab, **options: Any) -> Test:
    return lab.test("thinking", promptTokens=128, **options)


def test_a_model_that_does_not_think_cannot_be_measured(lab: Lab) -> None:
    lab.double.capabilities = ["completion"]
    with pytest.raises(TestFailure, match="tiny:latest does not think"):
        lab.run(measured(lab))
    assert not lab.double.requests


def test_the_answer_begins_after_thinking(lab: Lab) -> None:
    test = measured(lab, minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test)
    for run in sessions.runs(test):
        (request,) = run.record["requests"]
        known, stamps = {name: value or 0.0 for name, value in run.metrics.items()}, request["contentUs"]
        assert request["thought"] == THOUGHTS
        assert known["timeToAnswer"] == pytest.approx(stamps[THOUGHTS] / 1000, abs=0.001)
        assert known["thinkingTime"] == pytest.approx(known["timeToAnswer"] - known["timeToFirstToken"])
        assert known["thinkingShare"] == 100 * THOUGHTS / 16
        assert (
            run.metrics["promptTokensPerSecond"] is None
        )  # the template's tokens may be known, and none says how many
    assert metrics["timeToAnswer"] >= 2 + THOUGHTS * EACH_MS  # the double waits so long
    assert metrics["decodeTokensPerSecond"] > 0
    assert metrics["finding"].startswith("The model thinks for ")
    assert rejected(test) == [[], []]


def test_the_question_follows_a_nonce_and_requests_thinking(lab: Lab) -> None:
    lab.run(measured(lab, maxRepetitions=1))
    assert all(seen.prompt[:12].isdigit() and seen.prompt.endswith(QUESTION) for seen in lab.double.requests)
    assert all(seen.think for seen in lab.double.requests)


def test_a_run_without_an_answer_is_flagged(lab: Lab) -> None:
    lab.double.thoughts = 16
    test = measured(lab, minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test)
    assert find_verdict(metrics, "no-answer")["repetitions"] == [1, 2]
    run = sessions.runs(test)[0]
    assert (run.metrics["timeToAnswer"], run.metrics["thinkingTime"], run.metrics["thinkingShare"]) == (None, None, 100)
    assert run.record["censored"] == ["timeToAnswer", "thinkingTime"]
    assert LogLine.select().where(LogLine.test == test, LogLine.text == "run 1: timeToAnswer not reached").count() == 1
    censored = metrics["statistics"]["timeToAnswer"]
    assert (censored["value"], censored["n"], censored["censored"]) == (None, 2, 2)
    assert metrics["timeToFirstToken"] > 0
    assert metrics["finding"].startswith("No answer was reached within outputTokens")


def test_a_model_that_answers_at_once_thinks_for_no_time(lab: Lab) -> None:
    lab.double.thoughts = 0
    metrics = lab.run(measured(lab))
    assert (metrics["thinkingTime"], metrics["thinkingShare"]) == (0, 0)
    assert metrics["timeToAnswer"] == metrics["timeToFirstToken"]
    assert metrics["finding"].endswith("without thinking. 2 runs, no interval.")
    assert "no-answer" not in verdicts(metrics)
