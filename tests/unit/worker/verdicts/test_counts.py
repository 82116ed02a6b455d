from dataclasses import replace

import pytest

from tests.support.ollama.generations import MS, generation
from worker.ollama.responses import Generation
from worker.verdicts import counts
from worker.verdicts.counts import CountedAnswer


def answer(tokens: int = 16, chunks: int = 16, unsent: float = 0.0) -> CountedAnswer:
    return CountedAnswer(tokens, chunks, unsent)


ONE_MORE, TWO_MORE, ONE_LESS = answer(chunks=15), answer(chunks=14), answer(chunks=17)


@pytest.mark.parametrize(
    ("answers", "name", "difference"),
    [
        ([answer()] * 20, None, None),
        ([ONE_MORE] * 4, "counts-disagree", 100 / 14),
        ([ONE_MORE] * 3, None, None),  # too few answers
        ([ONE_MORE] * 19 + [answer()], None, None),  # one answer has a chunk for each token
        ([ONE_MORE, TWO_MORE] * 10, None, None),  # by chance, as characters of several tokens are
        ([TWO_MORE] * 7, None, None),
        ([TWO_MORE] * 8, "counts-disagree", 200 / 13),
        ([answer(16, 9)] * 8, "counts-disagree", 700 / 8),
        ([answer(64, 63), ONE_MORE] * 2, "counts-disagree", 100 / 14),
        ([answer(16, 15, unsent=0.9)] * 9, None, None),  # generated, but not sent
        ([ONE_LESS] * 4, "counts-disagree", -100 / 16),
        ([ONE_LESS, answer(16, 20)] * 2, "counts-disagree", -100 / 16),
        ([ONE_LESS] * 3 + [answer()], None, None),
        ([answer(16, 8)] * 4, "few-chunks", 800 / 7),
        ([answer(16, 8)] * 3 + [answer(16, 4)], "few-chunks", 800 / 7),
        ([answer(16, 9)] * 4, None, None),
        ([], None, None),
    ],
)
def test_counts_are_compared_over_many_answers(
    answers: list[CountedAnswer], name: str | None, difference: float | None
) -> None:
    found = counts.evaluate(answers)
    assert (found and found.name) == name
    assert (found and found.evidence["difference"]) == (difference and pytest.approx(difference))
    assert (found and found.evidence["answers"]) == (len(answers) if found else None)


def test_the_advice_says_whether_rates_are_too_high_or_too_low() -> None:
    high, low = counts.evaluate([ONE_MORE] * 4), counts.evaluate([ONE_LESS] * 4)
    assert high
    assert low
    assert ("too high" in high.advice, "too low" in low.advice) == (True, True)


@pytest.mark.parametrize(
    "changed",
    [
        replace(generation(), text="caf\u00e9"),  # a character of two bytes may be two tokens
        replace(generation(), thought=3),
        generation("stop"),  # the end token has no chunk
        generation(""),
        generation(output_tokens=None),
        generation(content_ms=()),
        generation(content_ms=(80,)),
    ],
)
def test_only_answers_with_a_chunk_for_each_token_are_compared(changed: Generation) -> None:
    assert CountedAnswer.of(changed) is None


@pytest.mark.parametrize(("output_ms", "unsent"), [(310, 2), (290, 0), (280, -1), (None, -29)])
def test_the_servers_time_beyond_the_chunks_has_room_for_tokens(output_ms: int | None, unsent: float) -> None:
    times = tuple(80 + 10 * number for number in range(30))
    found = CountedAnswer.of(generation(content_ms=times, output_ns=None if output_ms is None else output_ms * MS))
    assert found
    assert (found.tokens, found.chunks) == (32, 30)
    assert found.unsent == pytest.approx(unsent)


def test_chunks_that_arrive_together_say_nothing_about_time() -> None:
    found = CountedAnswer.of(generation(content_ms=(80,) * 30))
    assert found
    assert found.unsent == 0
