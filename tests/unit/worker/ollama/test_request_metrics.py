from dataclasses import replace

import pytest

from common.catalogue.metrics import METRICS
from common.ollama.engine import Engine
from tests.support.ollama.generations import MS, generation, report
from worker.ollama.request_metrics import queue_ns, request_metrics


def test_every_value_is_a_declared_metric() -> None:
    assert request_metrics(generation()).keys() <= METRICS.keys()


def test_a_valid_run_follows_the_formulas() -> None:
    assert request_metrics(generation()) == pytest.approx(
        {
            "inferenceTime": 390,
            "timeToFirstToken": 80,
            "interChunkLatency": 10,
            "decodeTokensPerSecond": 100,  # 31 intervals in 310 ms; 32 / 0.31 would read 3 % too high
            "clientTokensPerSecond": 100,
            "promptTokensPerSecond": 2000,
            "loadTime": 20,
            "queueTime": 20,
            "promptTokens": 100,
            "cachedTokens": None,
            "outputTokens": 32,
        }
    )


def test_with_mlx_the_servers_time_spans_as_many_intervals_as_tokens() -> None:
    found = request_metrics(replace(generation(output_ns=320 * MS), engine=Engine.MLX))
    assert (found["decodeTokensPerSecond"], found["clientTokensPerSecond"]) == pytest.approx((100, 100))


@pytest.mark.parametrize(("tokens", "known"), [(1, False), (15, False), (16, True)])
def test_few_tokens_give_no_rate(tokens: int, *, known: bool) -> None:
    found = request_metrics(generation(output_tokens=tokens))
    assert (found["decodeTokensPerSecond"] is not None) == known
    assert (found["clientTokensPerSecond"] is not None) == known


def test_tokens_without_duration_give_no_rate() -> None:
    found = request_metrics(generation(content_ms=(80,), output_ns=0, prompt_ns=0))
    rates = ("decodeTokensPerSecond", "clientTokensPerSecond", "promptTokensPerSecond", "interChunkLatency")
    assert [found[rate] for rate in rates] == [None] * 4
    assert found["timeToFirstToken"] == found["inferenceTime"] == 80


def test_times_are_unknown_without_content() -> None:
    found = request_metrics(generation(content_ms=()))
    assert [found[name] for name in ("inferenceTime", "timeToFirstToken", "interChunkLatency")] == [None] * 3


@pytest.mark.parametrize(("cached", "rate"), [(None, 2000), (0, 2000), (40, 1200), (100, None)])
def test_cached_tokens_do_not_count_as_read(cached: int | None, rate: float | None) -> None:
    assert request_metrics(generation(cached_tokens=cached))["promptTokensPerSecond"] == rate


def test_counts_missing_from_the_server_are_unknown() -> None:
    found = request_metrics(generation(prompt_tokens=0, output_tokens=0))
    assert (found["promptTokens"], found["outputTokens"], found["promptTokensPerSecond"]) == (None, None, None)


def test_time_beyond_all_parts_is_waiting() -> None:
    assert queue_ns(report(total_ns=1000 * MS)) == 620 * MS
