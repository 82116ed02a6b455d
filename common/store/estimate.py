"""Estimates of how long tests will take, from the durations of earlier tests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from common.catalogue.options import Options
from common.catalogue.test_type import TestType
from common.records.test_metrics import TestMetrics
from common.store import sessions
from common.store.tables import Test

MAX_TESTS = 5
"""Number of the newest tests that an estimate uses."""
MS_PER_S = 1000
IGNORED_OPTIONS = ("minRepetitions", "maxRepetitions", "contextLength")
"""Options that hardly affect the duration of a run."""


class Cell(NamedTuple):
    model: str
    test_type: str


@dataclass(frozen=True)
class Estimate:
    """The duration in ms of all tests with earlier measurements: `low` with minRepetitions, `high` with maxRepetitions.

    `rough` tests were only measured with other options, `unknown` ones never on this host.
    """

    low: float
    high: float
    rough: list[Cell]
    unknown: list[Cell]


def estimate(models: Iterable[str], types: Mapping[TestType, Options], host: str | None) -> Estimate:
    """Estimate each model under each type with its resolved options, on one host, or on any if `host` is None."""
    low = high = 0.0
    rough, unknown = [], []
    for model in models:
        for test_type, options in types.items():
            past = list(filter(_is_readable, sessions.completed_before(model, test_type.name, host, MAX_TESTS)))
            alike = [test for test in past if _relevant(test.options) == _relevant(options)]
            if not past:
                unknown.append(Cell(model, test_type.name))
                continue
            if not alike:
                rough.append(Cell(model, test_type.name))
            shortest, longest = _bounds(test_type, options, alike or past)
            low, high = low + shortest, high + longest
    return Estimate(low, high, rough, unknown)


def _is_readable(test: Test) -> bool:
    return all(isinstance(record, dict) for record in (test.options, test.metrics))


def _relevant(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in IGNORED_OPTIONS}


def _bounds(test_type: TestType, options: Options, past: list[Test]) -> tuple[float, float]:
    """Return the shortest and the longest duration in ms.

    The time that a test spends besides its runs counts as part of them, so estimates for few runs are too short.
    """
    if "minRepetitions" not in options:
        beside = median(_duration(test) - MS_PER_S * test.options["durationSeconds"] for test in past)
        whole = max(0.0, beside) + MS_PER_S * options["durationSeconds"]
        return whole, whole
    each = median(_duration(test) / max(1, _runs(test)) for test in past)
    points = len(test_type.points(options))
    return each * points * options["minRepetitions"], each * points * options["maxRepetitions"]


def _duration(test: Test) -> float:
    return (test.finished_at - test.started_at).total_seconds() * MS_PER_S  # type: ignore[operator] # completed tests have both


def _runs(test: Test) -> int:
    """Return the number of runs of all points together, rejected ones included."""
    runs = TestMetrics.parse(test.metrics or {}).runs
    return runs["counted"] + runs["rejected"] if runs else 0
