import hashlib

import pytest

from common.store.reads import sessions
from common.store.tables import Test
from testbed.ollama_double import Script
from testbed.single_test import blocks_of
from tests.integration.worker.lab import Lab, rejected
from worker.test_types.determinism import shared_percent

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

OTHER_WORDS = Script(words=" v{}")


def asked(lab: Lab) -> list[str]:
    """Return the prompts of the runs."""
    return [seen.prompt for seen in lab.double.requests if seen.options["temperature"] == 0]


def shares(test: Test) -> list[float | None]:
    return [run.metrics["sameAnswer"] for run in sessions.runs(test)]


def four_runs(lab: Lab) -> Test:
    return lab.test("determinism", minRepetitions=4, maxRepetitions=4)


@pytest.mark.parametrize(
    ("reference", "text", "share"),
    [
        ("abcd", "abcd", 100),
        ("abcd", "abxd", 50),
        ("abcd", "ab", 50),
        ("ab", "abcd", 50),
        ("ab", "xb", 0),
        ("", "", 100),
    ],
)
def test_answers_are_compared_up_to_the_first_difference(reference: str, text: str, share: float) -> None:
    assert shared_percent(reference, text) == share


def test_every_run_sends_the_same_prompt(lab: Lab) -> None:
    test = four_runs(lab)
    metrics = lab.run(test)
    assert len(asked(lab)) == 4
    assert len(set(asked(lab))) == 1
    assert lab.double.requests[-1].options["seed"] == 42
    assert shares(test) == [None, 100, 100, 100]
    assert (metrics["sameAnswer"], metrics["identicalAnswers"]) == (100, 100)
    assert metrics["finding"] == "3 of 3 further answers were identical to the first: 100 % (29.2 to 100)."


def test_another_prompt_is_sent_before_each_run(lab: Lab) -> None:
    lab.run(four_runs(lab))
    *_, spare, last = lab.double.requests
    assert spare.prompt[:12] != last.prompt[:12]
    assert spare.options["num_predict"] == 1


def test_a_different_answer_is_reported(lab: Lab) -> None:
    test = four_runs(lab)
    third = [Script()] * 5 + [OTHER_WORDS]  # before each run another prompt is asked
    metrics = lab.run(test, *third)
    assert [share == 100 for share in shares(test)[1:]] == [True, False, True]
    assert metrics["identicalAnswers"] == pytest.approx(200 / 3)
    assert metrics["finding"] == "2 of 3 further answers were identical to the first: 66.7 % (9.43 to 99.2)."


def test_the_answer_is_stored(lab: Lab) -> None:
    test = four_runs(lab)
    lab.run(test)
    (request,) = sessions.runs(test)[0].record["requests"]
    assert request["text"] == "".join(f" w{number}" for number in range(16))
    assert request["sha256"] == hashlib.sha256(request["text"].encode()).hexdigest()
    assert request["prompt"] == asked(lab)[0]
    assert request["promptCached"] is None  # an old server does not say
    assert request["figures"]["promptTokensPerSecond"] is None


def test_reported_cached_tokens_are_used(lab: Lab) -> None:
    lab.double.last = {**lab.double.last, "prompt_eval_cached_count": 1}
    test = four_runs(lab)
    lab.run(test)
    assert [run.record["requests"][0]["promptCached"] for run in sessions.runs(test)] == [False] * 4
    lab.double.last = {**lab.double.last, "prompt_eval_cached_count": 60}
    with_cache = lab.test("determinism", maxRepetitions=1)
    lab.double.last_of = lambda body: {} if body["options"]["temperature"] == 0 else {"prompt_eval_cached_count": 0}
    lab.run(with_cache)
    assert sessions.runs(with_cache)[0].record["requests"][0]["promptCached"] is True
    assert rejected(with_cache) == [[]]


def test_a_resumed_test_compares_with_the_stored_answer(lab: Lab) -> None:
    test = four_runs(lab)
    steps = blocks_of(lab.runner(test, by="one"))
    next(steps)
    next(steps)  # one run is stored
    del steps
    lab.run(test, *[OTHER_WORDS] * 20, by="two")
    assert shares(test)[0] is None
    assert all(share is not None and share < 100 for share in shares(test)[1:])
    assert len(set(asked(lab))) == 1


def test_one_answer_gives_no_result(lab: Lab) -> None:
    metrics = lab.run(lab.test("determinism", maxRepetitions=1))
    assert metrics["identicalAnswers"] is None
    assert metrics["finding"] == "There is only one answer, so there is nothing to compare it with."


def test_a_real_server_repeats_its_answer(lab: Lab, ollama_url: str) -> None:
    lab.url = ollama_url
    test = lab.test("determinism", minRepetitions=3, maxRepetitions=3)
    metrics = lab.run(test)
    texts = [run.record["requests"][0]["text"] for run in sessions.runs(test)]
    assert all(texts)
    assert metrics["identicalAnswers"] == 100 * sum(text == texts[0] for text in texts[1:]) / 2
