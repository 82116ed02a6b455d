from datetime import datetime
from typing import Any

import pytest

from api.web.pages.presentation.formatting import give_or_take, label, of_type, point_text, quantity, spread, text, when
from common.catalogue.metrics import METRICS
from common.stats.censored import CENSORED
from common.stats.distribution import Distribution
from common.stats.summary import summarise, summarise_runs
from common.values.units import range_text

RATE: Distribution = {**summarise([42.0] * 10, "tokens/s"), "ci95": [41.0, 43.0]}


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (12_400, "ms", "12.4 s"),
        (999, "ms", "999 ms"),
        (90_000, "ms", "1 min 30 s"),
        (240_000, "ms", "4 min"),
        (3_600_000, "ms", "1 h"),
        (0, "ms", "0.00 ms"),
        (163_589_608, "bytes", "156 MB"),
        (163_589_608, "file bytes", "164 MB"),
        (24 * 2**30, "bytes", "24 GB"),
        (7_530_000, "ms", "2 h 5 min"),
        (512, "bytes", "512 B"),
        (2596.1, "MHz", "2.60 GHz"),
        (42.123, "tokens/s", "42.1 tok/s"),
        (-12_400, "ms", "-12.4 s"),
        (None, "ms", "–"),
        (3, "", "3.00"),
    ],
)
def test_a_value_is_formatted_in_the_unit_that_fits(value: float | None, unit: str, expected: str) -> None:
    assert text(value, unit) == expected


@pytest.mark.parametrize(
    ("low", "high", "unit", "expected"),
    [
        (41.5, 42.94, "tokens/s", "41.5 to 42.9 tok/s"),
        (127.9, 128.2, "tokens/s", "128 tok/s"),
        (128, 128, "tokens", "128 tokens"),
        (980.0, 1020.0, "ms", "0.98 to 1.02 s"),
        (58_000.0, 63_000.0, "ms", "58.0 s to 1 min 3 s"),
        (22 * 2**30, 24 * 2**30, "bytes", "22 to 24 GB"),
        (0.0, 0.0, "", "0.00"),
    ],
)
def test_a_range_has_one_unit_and_no_end_twice(low: float, high: float, unit: str, expected: str) -> None:
    assert range_text(low, high, unit) == expected


def test_a_number_and_its_unit_stay_together_and_apart() -> None:
    assert quantity(12_400, "ms") == (
        '<span class="quantity"><span class="number">12.4</span> <span class="unit">s</span></span>'
    )
    assert 'aria-label="unknown"' in quantity(None, "ms")


def test_a_spread_has_interval_and_number_of_runs() -> None:
    assert "95 %: 41.0–43.0 tok/s, n = 10" in spread(RATE)
    assert "±2 %, n = 10" in give_or_take(RATE)
    assert "±&lt;1 %, n = 10" in give_or_take(summarise([41.9] * 5 + [42.1] * 5, "tokens/s"))


def test_both_ends_of_an_interval_are_in_one_unit() -> None:
    assert "0.90–1.10 s" in spread({"value": 1000, "ci95": [900, 1100], "unit": "ms", "n": 5})


def test_two_runs_have_no_interval() -> None:
    few = summarise([41.0, 43.0], "tokens/s")
    assert ">n = 2, no interval<" in spread(few)
    assert ">n = 2, no interval<" in give_or_take(few)
    assert "unknown" in spread(None)


def test_requests_within_runs_and_requests_without_an_answer_are_counted() -> None:
    found = summarise_runs([[1000.0, 2000.0]] * 7 + [[1000.0, CENSORED]], "ms")
    assert "95 %: 1.50 s or more, n = 16 in 8 runs, 1 unanswered" in spread(found)
    assert ">n = 16 in 8 runs, 1 unanswered<" in give_or_take(found)


def test_an_interval_of_an_earlier_release_is_marked() -> None:
    earlier: Any = {name: value for name, value in RATE.items() if name != "runs"}
    assert "41.0–43.0 tok/s, n = 10, computed before order statistics" in spread(earlier)
    without: Any = {**earlier, "ci95": None}
    assert "computed" not in spread(without)


def test_markup_in_a_unit_is_text() -> None:
    assert "<b>" not in quantity(1, "<b>")


def test_a_time_is_said_in_utc_and_told_to_scripts() -> None:
    assert when(datetime(2026, 3, 1, 12, 5)) == '<time datetime="2026-03-01T12:05:00.000Z">2026-03-01 12:05 UTC</time>'  # noqa: DTZ001 - naive, as the database keeps it
    assert "unknown" in when(None)


def test_points_and_metrics_have_words() -> None:
    assert point_text({"promptTokens": 1024, "batchSize": 8}) == "1024 prompt tokens, batch of 8"
    assert point_text({}) == ""
    assert label("timeToFirstToken") == "TTFT"
    assert label("ofTomorrow") == "ofTomorrow"


def test_no_two_metrics_are_called_the_same() -> None:
    labels = [metric.label for metric in METRICS.values()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("metric", "test_type", "expected"),
    [
        ("decodeTokensPerSecond", "decode", "Decode"),
        ("timeToFirstToken", "ttft", "TTFT"),
        ("timeToFirstToken", "cold-start", "TTFT in cold-start"),
    ],
)
def test_a_metric_with_the_name_of_its_type_is_named_once(metric: str, test_type: str, expected: str) -> None:
    assert of_type(metric, test_type) == expected
