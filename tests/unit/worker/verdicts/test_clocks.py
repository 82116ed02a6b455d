from dataclasses import replace

import pytest

from tests.support.generations import MS, generation
from worker.ollama.responses import Generation
from worker.verdicts import Severity, clocks


def named(run: Generation) -> list[tuple[str, str]]:
    return [(found.name, found.severity) for found in clocks.evaluate(run)]


def test_clocks_that_agree_have_no_verdict() -> None:
    assert named(generation()) == []


@pytest.mark.parametrize(("jump_ms", "told"), [(-6, True), (6, True), (5, False), (-5, False)])
def test_a_run_during_which_the_time_was_set_is_rejected(jump_ms: int, *, told: bool) -> None:
    assert named(replace(generation(), jump_ns=jump_ms * MS)) == [("clock-jumped", Severity.REJECTS)] * told


@pytest.mark.parametrize(("done_ms", "told"), [(398, True), (399, False)])
def test_a_server_that_claims_more_time_than_passed_is_flagged(done_ms: int, *, told: bool) -> None:
    """It says 400."""
    assert named(replace(generation(), done_ns=done_ms * MS)) == [("clocks-disagree", Severity.FLAGS)] * told


@pytest.mark.parametrize(("total_ms", "told"), [(380, False), (379, False), (378, True)])
def test_parts_that_are_longer_than_the_whole_are_flagged(total_ms: int, *, told: bool) -> None:
    """The parts are 380."""
    found = clocks.evaluate(generation(total_ns=total_ms * MS))
    assert [(verdict.name, verdict.severity) for verdict in found] == [("fields-disagree", Severity.FLAGS)] * told


def test_the_fields_that_disagree_are_told_in_milliseconds() -> None:
    (found,) = clocks.evaluate(generation(total_ns=300 * MS))
    assert found.evidence == {"total": 300, "load": 20, "prompt": 50, "eval": 310, "residual": -80}


# Rates: the sound run has 32 chunks, 310 ms apart by both clocks


def paced(each_ms: float, chunks: int = 32) -> Generation:
    return generation(content_ms=tuple(80 + each_ms * number for number in range(chunks)))


@pytest.mark.parametrize(("each_ms", "told"), [(10.4, False), (9.6, False), (10.6, True), (9.4, True), (5, True)])
def test_rates_that_differ_by_more_than_five_percent_are_flagged(each_ms: float, *, told: bool) -> None:
    assert named(paced(each_ms)) == [("rates-disagree", Severity.FLAGS)] * told


def test_both_rates_are_told() -> None:
    (found,) = clocks.evaluate(paced(5))
    assert found.evidence == {"clientTokensPerSecond": pytest.approx(200), "decodeTokensPerSecond": pytest.approx(100)}


@pytest.mark.parametrize(("chunks", "told"), [(15, False), (16, True)])
def test_few_chunks_tell_no_rate(chunks: int, *, told: bool) -> None:
    assert named(paced(5, chunks)) == [("rates-disagree", Severity.FLAGS)] * told


@pytest.mark.parametrize(("each_ms", "told"), [(1.1, False), (1.3, True)])
def test_a_short_span_may_differ_by_its_edges(each_ms: float, *, told: bool) -> None:
    """16 tokens in 15 ms, seen as 16.5 (10 % more) and as 19.5."""
    times = tuple(80 + each_ms * number for number in range(16))
    run = generation(content_ms=times, output_tokens=16, output_ns=15 * MS)
    assert named(run) == [("rates-disagree", Severity.FLAGS)] * told


@pytest.mark.parametrize(("missing", "told"), [(4, False), (12, True)])
def test_tokens_that_came_in_one_chunk_at_the_start_are_in_doubt(missing: int, *, told: bool) -> None:
    """So many tokens at 10 ms each, all of whose text came with the next."""
    times = tuple(80 + 10 * number for number in range(missing, 32))
    assert named(generation(content_ms=times)) == [("rates-disagree", Severity.FLAGS)] * told
