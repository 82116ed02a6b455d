"""Runs that do not count, and errors within them."""

from dataclasses import replace
from typing import Any

import pytest

from common.errors import OllamaHTTPError, OllamaUnreachable, TestFailure
from common.store.tables import LogLine, Phase
from testbed.ollama_double import OllamaDouble, Script
from tests.integration.worker.lab import Lab, errors, find_verdict, rejected, repetitions, verdicts

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

ENDED_EARLY = Script(last={"done_reason": "stop"})
DIED = Script(status=500, error="the runner has terminated")


@pytest.mark.parametrize(
    ("last", "name"),
    [
        ({"done_reason": "stop", "eval_count": 9}, "output-length"),
        ({"eval_count": 15}, "output-length"),
        ({"prompt_eval_count": 32}, "prompt-length"),
        ({"prompt_eval_count": None}, "prompt-length"),
        ({"prompt_eval_count": "64"}, "prompt-length"),
        ({"eval_count": None}, "output-length"),
        ({"eval_count": -16}, "output-length"),
        ({"prompt_eval_cached_count": 40}, "prompt-cached"),
    ],
)
def test_a_rejected_run_is_repeated_with_another_prompt(lab: Lab, last: dict[str, Any], name: str) -> None:
    test = lab.test(minRepetitions=2)
    metrics = lab.run(test, Script(last=last))
    assert repetitions(test) == [1, 2]
    assert rejected(test) == [[name], []]
    assert metrics["runs"] == {"counted": 2, "rejected": 1, "rejectionRate": pytest.approx(1 / 3)}
    assert "runs-rejected" in verdicts(metrics)
    assert find_verdict(metrics, name)["repetitions"] == [1]
    assert len({seen.prompt for seen in lab.double.requests}) == len(lab.double.requests)


def test_a_run_is_repeated_up_to_three_times(lab: Lab) -> None:
    test = lab.test(minRepetitions=1, maxRepetitions=1)
    lab.run(test, *[ENDED_EARLY] * 3)
    assert len(rejected(test)[0]) == 3
    with pytest.raises(TestFailure, match=r"Run 1 was rejected 4 times\. Last reason: output-length"):
        lab.run(lab.test(), *[ENDED_EARLY] * 4)


def test_a_temporary_error_is_retried_and_recorded(lab: Lab) -> None:
    test = lab.test(minRepetitions=2)
    lab.run(test, DIED, Script(at=3, then="cut"), Script(at=None, then="cut"))
    assert rejected(test) == [["request-failed"] * 3, []]
    died, cut, gone = errors(test)
    assert "500: the runner has terminated" in died
    assert "cut its response short" in cut
    assert "closed the connection before it answered" in gone


def test_an_error_that_stays_ends_the_test(lab: Lab) -> None:
    test = lab.test()
    with pytest.raises(OllamaHTTPError, match="the runner has terminated"):
        lab.run(test, *[DIED] * 4)
    assert repetitions(test) == []


def test_a_permanent_error_is_not_retried(lab: Lab) -> None:
    with pytest.raises(OllamaHTTPError, match="invalid option"):
        lab.run(lab.test(), Script(status=400, error="invalid option"))
    assert not lab.double.scripts
    assert lab.double.requests[-1].options["num_predict"] == 16
    before_runs = sum(seen.options["num_predict"] == 16 for seen in lab.double.requests)
    assert before_runs == 3  # two warm-ups and the one run


@pytest.mark.parametrize("during", [Phase.PREPARING, Phase.WARMING_UP])
def test_a_temporary_error_before_the_runs_is_retried(lab: Lab, during: Phase) -> None:
    test = lab.test()
    lab.run(test, DIED, during=during)
    assert repetitions(test) == [1, 2]
    assert rejected(test) == [[], []]
    (line,) = LogLine.select().where(LogLine.text.startswith("tried again"))
    assert "500: the runner has terminated" in line.text


@pytest.mark.parametrize("during", [Phase.PREPARING, Phase.WARMING_UP])
def test_an_error_that_stays_before_the_runs_ends_the_test(lab: Lab, during: Phase) -> None:
    with pytest.raises(OllamaHTTPError, match="the runner has terminated"):
        lab.run(lab.test(), *[DIED] * 4, during=during)
    assert not lab.double.scripts


def test_an_unreachable_server_ends_the_test(lab: Lab) -> None:
    gone = replace(lab)
    with OllamaDouble() as double:
        gone.double = double
        test = lab.test()
    with pytest.raises(OllamaUnreachable, match="Check that it is running"):
        gone.run(test)
