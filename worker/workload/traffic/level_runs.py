"""The runs of a search for the capacity: each measured one level, which follows from the runs before it."""

from collections.abc import Callable, Sequence
from statistics import median

from common.catalogue.options import Options
from common.catalogue.test_type import Point
from common.records.runs import Metrics
from common.stats.searching.level_search import LevelSearch
from common.store.tables import Run
from common.values.units import MS_PER_S
from worker.workload.objectives import is_good
from worker.workload.run import RunResult, failed_requests

LOAD, USERS = "load", "users"
MAX_INDEPENDENT = 12
"""Answers at a rate that count as independent, at most. One queue makes many of them late.

Simulated runs near the capacity are worth 4 to 15, and more if nearly all answers are good.
"""


def repeat(search: LevelSearch, runs: Sequence[Run], options: Options, level: Callable[[Point], int]) -> None:
    """Add the answers of stored runs to a new search, which then goes on as the one that they made.

    `level` returns the level of a label. A run without an answer has no label: it was at the level that came next.
    """
    for run in runs:
        if requests := run.record["requests"]:
            search.add(level(requests[0]["labels"]), *evidence(options, *_counts(run, options)))
        elif probe := search.next():
            search.add(probe.level, *evidence(options, *_counts(run, options)))


def _counts(run: Run, options: Options) -> tuple[int, int]:
    """Return the good answers of a run, and all requests that count."""
    requests = run.record["requests"]
    good = sum(is_good(request["figures"], options) for request in requests)
    return good, len(requests) + failed_requests(run.metrics)


def evidence(options: Options, good: int, answers: int) -> tuple[float, float]:
    """Return the good answers and all answers of a run, as far as they count as independent."""
    weight = 1.0 if options[LOAD] == USERS else min(1.0, MAX_INDEPENDENT / max(1, answers))
    return good * weight, answers * weight


def seconds(runs: Sequence[Run]) -> float:
    """Return how long the runs took together."""
    return sum(end - start for start, end in (run.record["window"] for run in runs)) / MS_PER_S


def at(label: Point, runs: Sequence[Run]) -> list[Metrics]:
    """Return the metrics of each answer at a level."""
    return [request["figures"] for run in runs for request in run.record["requests"] if request["labels"] == label]


def of_result(label: Point, result: RunResult, rate: str) -> list[Metrics]:
    """Return the same of a run that is not stored. `rate` is as in `RequestResult.metrics`."""
    return [request.metrics(rate) for request in result.request_results if request.labels == label]


def medians(answers: Sequence[Metrics]) -> Metrics:
    """Return the median of each metric of the answers that have it."""
    names = dict.fromkeys(name for metrics in answers for name in metrics)
    known = {name: [value for metrics in answers if (value := metrics.get(name)) is not None] for name in names}
    return {name: median(values) for name, values in known.items() if values}


def representing(label: Point, runs: Sequence[Run]) -> list[Run]:
    """Return the runs with answers at a level, represented by these answers and not by those of the whole search."""
    found = []
    for run in runs:
        answers = at(label, [run])
        if answers:
            own = [name for name in run.record["own"] if name not in answers[0]]
            found.append(Run(metrics=run.metrics, record={**run.record, "main": label, "own": own}))
    return found
