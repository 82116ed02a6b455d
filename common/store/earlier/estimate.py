"""Estimates of how long tests will take, from the durations of earlier tests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from common.catalogue.effort import MAXIMUM, MINIMUM, REPETITIONS, Effort
from common.catalogue.options import Options
from common.catalogue.test_type import TestType
from common.records.test_metrics import TestMetrics
from common.store.reads import sessions
from common.store.reads.lists.tests import Cell
from common.store.tables import Order, Test

MAX_TESTS = 5
"""Number of the newest tests that an estimate uses."""
MS_PER_S = 1000
DURATION = "durationSeconds"
IGNORED_OPTIONS = (*REPETITIONS, "contextLength")
"""Options that hardly affect the duration of a run."""


class Duration(NamedTuple):
    """In ms: `low` with the minimum of repetitions, `high` with the maximum."""

    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """The duration of all tests with earlier measurements, for each effort.

    `rough` tests were only measured with other options, `unknown` ones never on this host.
    """

    durations: Mapping[Effort, Duration]
    rough: list[Cell]
    unknown: list[Cell]


def estimate(models: Iterable[str], types: Mapping[TestType, Mapping[Effort, Options]], host: str | None) -> Estimate:
    """Estimate each model under each type with its resolved options, on one host, or on any if `host` is None."""
    rough, unknown = [], []
    known: list[Mapping[Effort, Duration]] = []
    for model in models:
        for test_type, options in types.items():
            cell = Cell(model, test_type.name)
            past = list(filter(_is_readable, sessions.completed_before(*cell, host, MAX_TESTS)))
            alike = [test for test in past if _relevant(test.options) in map(_relevant, options.values())]
            if not past:
                unknown.append(cell)
                continue
            if not alike:
                rough.append(cell)
            known.append({effort: _bounds(test_type, given, alike or past) for effort, given in options.items()})
    return Estimate({effort: _sum(effort, known) for effort in Effort}, rough, unknown)


def _sum(effort: Effort, known: Iterable[Mapping[Effort, Duration]]) -> Duration:
    durations = [by_effort[effort] for by_effort in known]
    return Duration(sum(each.low for each in durations), sum(each.high for each in durations))


def _is_readable(test: Test) -> bool:
    return all(isinstance(record, dict) for record in (test.options, test.metrics))


def _relevant(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in IGNORED_OPTIONS}


def _bounds(test_type: TestType, options: Options, past: list[Test]) -> Duration:
    """Return the shortest and the longest duration.

    The time that a test spends besides its runs counts as part of them, so estimates for few runs are too short.
    """
    if MINIMUM not in options and DURATION not in options:
        whole = median(map(_duration, past))
        return Duration(whole, whole)
    if MINIMUM not in options:
        beside = median(_duration(test) - MS_PER_S * test.options[DURATION] for test in past)
        whole = max(0.0, beside) + MS_PER_S * options[DURATION]
        return Duration(whole, whole)
    each = median(_duration(test) / max(1, _runs(test)) for test in past)
    points = len(test_type.points(options))
    return Duration(each * points * options[MINIMUM], each * points * options[MAXIMUM])


def _duration(test: Test) -> float:
    """Return the time that a test took, in ms. Models that take turns share the time from the first run to the last."""
    whole = (test.finished_at - test.started_at).total_seconds() * MS_PER_S  # type: ignore[operator] # completed tests have both
    shared = test.session.order == Order.INTERLEAVED and MINIMUM in test.options
    return whole / len(test.session.models) if shared else whole


def _runs(test: Test) -> int:
    """Return the number of runs of all points together, rejected ones included."""
    runs = TestMetrics.parse(test.metrics or {}).runs
    return runs["counted"] + runs["rejected"] if runs else 0
