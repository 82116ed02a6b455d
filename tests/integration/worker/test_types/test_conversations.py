"""Test types whose requests build on each other: prefix-cache and multi-turn."""

from typing import Any

import pytest

from common.store.reads import sessions
from testbed.ollama_double import Script, Timing
from tests.integration.worker.lab import Lab, find_verdict
from worker.test_types.multi_turn import MultiTurn
from worker.test_types.prefix_cache import FIRST, SECOND, PrefixCache

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

READS = Timing(read=0.5)  # ms a token of the prompt that is new


def labelled(metrics: dict[str, Any], label: str) -> dict[Any, float]:
    return {point["point"][label]: point["statistics"]["timeToFirstToken"]["value"] for point in metrics["points"]}


def test_a_cached_prefix_is_not_read_again(lab: Lab) -> None:
    lab.double.timing = READS
    test = lab.test(promptTokens=200)
    metrics = lab.run(test, workload=PrefixCache())
    waits = labelled(metrics, "prefix")
    assert waits["new"] >= READS.first + READS.read * 190
    assert waits["cached"] < waits["new"] / 2
    assert metrics["uncachedTimeToFirstToken"] == pytest.approx(waits["new"])
    assert metrics["timeToFirstToken"] == pytest.approx(waits["cached"])
    assert 50 < metrics["cacheSaving"] < 100
    assert metrics["finding"].startswith("A known beginning saves ")


def test_the_two_prompts_share_all_but_their_ends(lab: Lab) -> None:
    lab.run(lab.test(promptTokens=100), workload=PrefixCache())
    *_, first, second = (seen.prompt for seen in lab.double.requests)
    assert (first.endswith(FIRST), second.endswith(SECOND)) == (True, True)
    assert first.removesuffix(FIRST) == second.removesuffix(SECOND)


def test_only_the_second_prompt_may_be_cached(lab: Lab) -> None:
    """The prompt rate is unknown, because the double does not report cached tokens, as an old server."""
    test = lab.test(promptTokens=100)
    lab.run(test, workload=PrefixCache())
    for run in sessions.runs(test):
        new, cached = (request["figures"]["promptTokensPerSecond"] for request in run.record["requests"])
        assert (new is None, cached is None) == (False, True)


def test_a_conversation_sends_all_earlier_turns(lab: Lab) -> None:
    test = lab.test(turns=3, promptTokens=32)
    lab.run(test, workload=MultiTurn())
    one, two, three = (seen.prompt for seen in lab.double.requests[-3:])
    answer = "".join(f" w{number}" for number in range(16))  # the double's answer
    assert two.startswith(f"{one}{answer}\n")
    assert three.startswith(f"{two}{answer}\n")


def test_a_turn_reads_only_its_new_tokens(lab: Lab) -> None:
    lab.double.timing = READS
    metrics = lab.run(lab.test(turns=3, promptTokens=100), workload=MultiTurn())
    waits = labelled(metrics, "turn")
    assert waits.keys() == {1, 2, 3}
    assert all(wait < READS.first + READS.read * 250 for wait in waits.values())  # the third turn sends over 300 tokens
    assert metrics["timeToFirstToken"] == waits[3]
    assert "in turn 1, and" in metrics["finding"]


def test_the_context_must_hold_the_whole_conversation() -> None:
    options = MultiTurn.test_type.resolve({"turns": 10, "promptTokens": 50, "outputTokens": 50})
    assert MultiTurn.test_type.context_for(options) == 10 * 100 + 64


def test_a_turn_that_ends_early_rejects_the_conversation(lab: Lab) -> None:
    test = lab.test(turns=2, promptTokens=32)
    metrics = lab.run(test, Script(), Script(last={"done_reason": "stop"}), workload=MultiTurn())
    assert find_verdict(metrics, "output-length")["repetitions"] == [1]
