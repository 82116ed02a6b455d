import io

import pytest
from rich.console import Console

from common.free_json import Json
from local.results import failures, findings, headline, quantity, table

METRICS = {
    "headline": {"name": "decodeTokensPerSecond", "unit": "tokens/s"},
    "statistics": {"decodeTokensPerSecond": {"unit": "tokens/s", "value": 1234.5, "ci95": [1222.2, 1246.8]}},
    "timeToFirstToken": 123.4,
    "ramUsage": 4.2e9,
    "vramUsage": None,
    "cpuUsage": 99.6,
    "gpuUsage": None,
}


def session(*tests: Json) -> Json:
    return {"models": [{"name": "a-model-of-a-long-name:70b-instruct-q4_K_M", "tests": list(tests)}]}


def test_the_table_fits_80_columns_and_shows_every_number() -> None:
    done = {"type": "cold-start", "status": "completed", "metrics": METRICS, "logs": []}
    out = io.StringIO()
    Console(file=out, width=80).print(table(session(done)))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    line = lines[2]  # the first line of the row, below the headings and their rule
    for shown in ("cold-start", "1234 tok/s ± 1.0 %", "123 ms", "4.20 GB", "100 %"):
        assert shown in line
    assert line.count("–") == 2


def test_findings_are_listed_for_tests_that_have_one() -> None:
    done = {"type": "decode", "metrics": {**METRICS, "finding": "The model writes 1234 tokens/s."}}
    failed = {"type": "ttft", "metrics": None}
    assert findings(session(done, failed)) == ["decode: The model writes 1234 tokens/s."]
    two = {"models": [{"name": name, "tests": [done]} for name in ("a:1", "b:1")]}
    assert findings(two) == [f"{name}, decode: The model writes 1234 tokens/s." for name in ("a:1", "b:1")]


@pytest.mark.parametrize("metrics", [{}, {"headline": {"name": "x"}, "statistics": {}}])
def test_an_unknown_value_is_a_dash(metrics: dict[str, object]) -> None:
    assert headline(metrics) == "–"


def test_a_failed_test_is_listed_with_its_last_log_line() -> None:
    failed = {"type": "ttft", "status": "error", "metrics": None, "logs": ["warms up", "out of memory"]}
    assert [line.endswith("ttft: error. out of memory") for line in failures(session(failed))] == [True]


def test_a_headline_is_in_the_unit_that_fits() -> None:
    slow = {"headline": {"name": "loadTime"}, "statistics": {"loadTime": {"unit": "ms", "value": 12_400, "ci95": None}}}
    assert headline(slow) == "12.4 s"
    never = {"headline": {"name": "loadTime"}, "statistics": {"loadTime": {"unit": "ms", "value": 0, "ci95": [0, 0]}}}
    assert headline(never) == "0.00 ms"
    unanswered = {"headline": {"name": "loadTime"}, "statistics": {"loadTime": {"unit": "ms", "value": None}}}
    assert headline(unanswered) == "–"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (None, "bytes", "–"),
        (0, "bytes", "0 B"),
        (5e8, "bytes", "500 MB"),
        (1.5e9, "bytes", "1.50 GB"),
        (1e12, "bytes", "1.00 TB"),
        (0.1234, "ms", "0.12 ms"),
        (12.34, "ms", "12.3 ms"),
        (123_456, "ms", "2.06 min"),
    ],
)
def test_quantities(value: float | None, unit: str, shown: str) -> None:
    assert quantity(value, unit) == shown
