from dataclasses import replace

import pytest

from common.ollama.engine import Engine
from tests.support.ollama.generations import MS, generation
from worker.ollama.responses import Generation
from worker.verdicts import Severity, clocks


def named(run: Generation) -> list[tuple[str, str]]:
    return [(found.name, found.severity) for found in clocks.evaluate(run)]


def test_clocks_that_agree_have_no_verdict() -> None:
    assert named(generation()) == []


@pytest.mark.parametrize(("jump_ms", "flagged"), [(-6, True), (6, True), (5, False), (-5, False)])
def test_a_run_is_rejected_if_the_clock_was_set(jump_ms: int, *, flagged: bool) -> None:
    assert named(replace(generation(), jump_ns=jump_ms * MS)) == [("clock-jumped", Severity.REJECTS)] * flagged


@pytest.mark.parametrize(("done_ms", "flagged"), [(398, True), (399, False)])
def test_a_server_that_claims_more_time_than_passed_is_flagged(done_ms: int, *, flagged: bool) -> None:
    """The server reports 400 ms."""
    assert named(replace(generation(), done_ns=done_ms * MS)) == [("clocks-disagree", Severity.FLAGS)] * flagged


@pytest.mark.parametrize(("total_ms", "flagged"), [(380, False), (379, False), (378, True)])
def test_parts_that_are_longer_than_the_whole_are_flagged(total_ms: int, *, flagged: bool) -> None:
    """The parts add up to 380 ms."""
    found = clocks.evaluate(generation(total_ns=total_ms * MS))
    assert [(verdict.name, verdict.severity) for verdict in found] == [("fields-disagree", Severity.FLAGS)] * flagged


def test_disagreeing_fields_are_evidence_in_milliseconds() -> None:
    (found,) = clocks.evaluate(generation(total_ns=300 * MS))
    assert found.evidence == {"total": 300, "load": 20, "prompt": 50, "eval": 310, "residual": -80}


def test_a_long_run_is_rejected_if_the_clock_was_corrected_too_fast() -> None:
    run = replace(generation(), done_ns=10_000 * MS)
    assert named(replace(run, jump_ns=9 * MS)) == []
    assert ("clock-jumped", Severity.REJECTS) in named(replace(run, jump_ns=11 * MS))


# Rates: the valid run has 32 chunks within 310 ms by both clocks


def at_pace(each_ms: float, chunks: int = 32) -> Generation:
    return generation(content_ms=tuple(80 + each_ms * number for number in range(chunks)))


@pytest.mark.parametrize(("each_ms", "flagged"), [(10.4, False), (9.6, False), (10.6, True), (9.4, True), (5, True)])
def test_rates_that_differ_by_more_than_five_percent_are_flagged(each_ms: float, *, flagged: bool) -> None:
    assert named(at_pace(each_ms)) == [("rates-disagree", Severity.FLAGS)] * flagged


def test_the_rates_of_an_engine_that_counts_one_interval_more_agree() -> None:
    assert named(replace(generation(output_ns=320 * MS, total_ns=410 * MS), engine=Engine.MLX)) == []


def test_both_rates_are_evidence() -> None:
    (found,) = clocks.evaluate(at_pace(5))
    assert found.evidence == {"clientTokensPerSecond": pytest.approx(200), "decodeTokensPerSecond": pytest.approx(100)}


@pytest.mark.parametrize(("chunks", "flagged"), [(15, False), (16, True)])
def test_few_chunks_give_no_rate(chunks: int, *, flagged: bool) -> None:
    assert named(at_pace(5, chunks)) == [("rates-disagree", Severity.FLAGS)] * flagged


@pytest.mark.parametrize(("each_ms", "flagged"), [(1.1, False), (1.3, True)])
def test_a_short_span_may_differ_by_its_edges(each_ms: float, *, flagged: bool) -> None:
    """16 tokens in 15 ms arrive within 16.5 ms (10 % more) or 19.5 ms."""
    times = tuple(80 + each_ms * number for number in range(16))
    run = generation(content_ms=times, output_tokens=16, output_ns=15 * MS)
    assert named(run) == [("rates-disagree", Severity.FLAGS)] * flagged


@pytest.mark.parametrize(("missing", "flagged"), [(4, False), (12, True)])
def test_tokens_in_one_chunk_at_the_start_count_as_uncertainty(missing: int, *, flagged: bool) -> None:
    """The text of `missing` tokens at 10 ms each arrives with the next token."""
    times = tuple(80 + 10 * number for number in range(missing, 32))
    assert named(generation(content_ms=times)) == [("rates-disagree", Severity.FLAGS)] * flagged
