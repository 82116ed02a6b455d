from collections.abc import Sequence

import pytest

from common.records.test_metrics import TestMetrics
from common.store.reads import sessions
from common.store.tables import Run
from testbed.ollama_double import Timing
from tests.integration.worker.lab import Lab, at_rates, verdicts
from worker.test_types.sustained import Sustained
from worker.workload.point_runs import PointRuns

pytestmark = [pytest.mark.serial, pytest.mark.usefixtures("tables"), pytest.mark.slow]


@pytest.fixture
def lab(lab: Lab) -> Lab:
    """Return a lab whose answers take a while, so that some twelve last as long as the shortest test."""
    lab.double.timing = Timing(first=35, each=3)
    return lab


def driven(runs: Sequence[Run]) -> float:
    """Return the milliseconds from each request to the end of its answer."""
    return sum(request["doneUs"] for run in runs for request in run.record["requests"]) / 1000


def test_it_runs_until_the_model_has_worked_for_the_time(lab: Lab) -> None:
    test = lab.test(durationSeconds=1)
    metrics = lab.run(test, workload=Sustained())
    runs = sessions.runs(test)
    assert driven(runs[:-1]) < 1000 <= driven(runs)
    assert metrics["runs"]["counted"] == len(runs) > 1
    assert "interrupted" not in verdicts(metrics)


SECOND = 1000


def run(start: int, end: int, *rejected: str, rate: float = 100.0) -> Run:
    """Return a run between two times in seconds, after attempts that verdicts of these names rejected."""
    record = {
        "window": [SECOND * start, SECOND * end],
        "requests": [{"doneUs": SECOND * SECOND * (end - start)}],
        "rejected": [{"name": name} for name in rejected],
        "own": ["decodeTokensPerSecond"],
    }
    return Run(record=record, metrics={"decodeTokensPerSecond": rate})


WITHOUT_A_WORKER = [run(0, 20), run(20, 40), run(580, 600)]


@pytest.mark.parametrize(
    ("runs", "counted"),
    [
        ([run(0, 20), run(21, 41), run(41, 61)], 60),
        (WITHOUT_A_WORKER, 20),
        ([*WITHOUT_A_WORKER, run(601, 631), run(631, 641)], 60),
        ([run(0, 20), run(40, 60, "output-length")], 40),
        ([run(0, 20), run(40, 60, "request-failed")], 20),
        ([run(0, 20), run(-3600, -3580)], 40),  # the clock was set back
    ],
)
def test_only_the_time_without_a_pause_counts(runs: list[Run], counted: int) -> None:
    workload = Sustained()
    for seconds in range(10, 200, 10):
        options = Sustained.test_type.resolve({}) | {"durationSeconds": seconds}
        ends_anyway = driven(runs) >= 3000 * seconds
        assert workload.enough(options, runs) == (counted >= seconds or ends_anyway)
        assert workload.progress(options, runs) == min(1.0, counted / seconds)


def test_a_pause_is_flagged_and_the_runs_after_it_are_compared() -> None:
    runs = [run(0, 9, rate=200), *[run(580 + 9 * n, 589 + 9 * n, rate=100 - 10 * n) for n in range(5)]]
    points, workload = [PointRuns(0, {}, runs)], Sustained()
    (verdict,) = workload.evaluate(points)
    assert verdict.name == "interrupted"
    assert verdict.evidence == {"pauses": 1, "longest": 571_000, "counted": 45_000}
    found = workload.overall(points)
    assert (found["firstFifthTokensPerSecond"], found["lastFifthTokensPerSecond"]) == (100, 60)
    assert workload.evaluate([PointRuns(0, {}, runs[1:])]) == []


def test_the_last_fifth_is_compared_with_the_first(lab: Lab) -> None:
    test = lab.test(durationSeconds=1)
    lab.run(test, *at_rates(*[200] * 1000), workload=Sustained())
    runs = sessions.runs(test)
    fifth = len(runs) // 5
    for run in runs[-fifth:]:
        run.metrics["decodeTokensPerSecond"] = 150.0
    found = Sustained().overall([PointRuns(0, {}, runs)])
    rates = {"firstFifthTokensPerSecond": 200, "lastFifthTokensPerSecond": 150, "rateRetained": 75}
    assert {name: value for name, value in found.items() if value is not None} == rates
    assert Sustained().finding(TestMetrics(values=found)) == (
        "The model keeps 75.0 % of its rate: 200 tokens/s in the first fifth of the runs, 150 tokens/s in the last."
    )


def test_few_runs_give_no_comparison(lab: Lab) -> None:
    test = lab.test(durationSeconds=1)
    lab.run(test, workload=Sustained())
    found = Sustained().overall([PointRuns(0, {}, sessions.runs(test)[:4])])
    assert set(found.values()) == {None}


def test_progress_is_the_share_of_the_time(lab: Lab) -> None:
    test = lab.test(durationSeconds=1)
    lab.run(test, workload=Sustained())
    options = Sustained.test_type.resolve({"durationSeconds": 1})
    shares = [Sustained().progress(options, sessions.runs(test)[:number]) for number in range(5)]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert Sustained().progress(options, sessions.runs(test)) == 1
