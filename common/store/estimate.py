"""How long tests will take, by how long such tests took before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from common.catalogue.options import Options
from common.catalogue.test_type import TestType
from common.records.test_metrics import TestMetrics
from common.store import sessions
from common.store.tables import Test

LOOK_BACK = 5
"""So many of the newest tests are looked at."""
MS_PER_S = 1000
OF_NO_WEIGHT = ("minRepetitions", "maxRepetitions", "contextLength")
"""Options that do not change how long a run takes, or hardly do."""


class Cell(NamedTuple):
    model: str
    test_type: str


@dataclass(frozen=True)
class Estimate:
    """`low` and `high` are ms: with the fewest and with the most repetitions, of all tests that are known. `rough` ones
    were measured with other options, `unknown` ones never on this host.
    """

    low: float
    high: float
    rough: list[Cell]
    unknown: list[Cell]


def estimate(models: Iterable[str], types: Mapping[TestType, Options], host: str | None) -> Estimate:
    """For each model under each type with its options, all resolved; on any host where `host` is None."""
    low = high = 0.0
    rough, unknown = [], []
    for model in models:
        for test_type, options in types.items():
            past = sessions.completed_before(model, test_type.name, host, LOOK_BACK)
            alike = [test for test in past if _weighty(test.options) == _weighty(options)]
            if not past:
                unknown.append(Cell(model, test_type.name))
                continue
            if not alike:
                rough.append(Cell(model, test_type.name))
            fewest, most = _bounds(test_type, options, alike or past)
            low, high = low + fewest, high + most
    return Estimate(low, high, rough, unknown)


def _weighty(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in OF_NO_WEIGHT}


def _bounds(test_type: TestType, options: Options, past: list[Test]) -> tuple[float, float]:
    """In ms. What a test does besides its runs is shared out among them, so that few runs are estimated too short."""
    if "durationSeconds" in options:
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
