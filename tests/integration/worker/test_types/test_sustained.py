import pytest

from common.records.test_metrics import TestMetrics
from common.store import sessions
from common.store.tables import Run
from tests.integration.worker.lab import Lab, at_rates
from worker.test_types.sustained import Sustained
from worker.workload.point_runs import PointRuns

pytestmark = [pytest.mark.serial, pytest.mark.usefixtures("tables"), pytest.mark.slow]


def test_it_runs_until_the_time_is_over(lab: Lab) -> None:
    test = lab.test(durationSeconds=1)
    metrics = lab.run(test, workload=Sustained())
    runs = sessions.runs(test)
    lasted = runs[-1].record["window"][1] - runs[0].record["window"][0]
    before_last = runs[-2].record["window"][1] - runs[0].record["window"][0]
    assert before_last < 1000 <= lasted
    assert metrics["runs"]["counted"] == len(runs) > 1


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


def test_it_ends_if_the_clock_is_set_back() -> None:
    hour_ms = 3_600_000
    runs = [Run(record={"window": [-number * hour_ms, 600 - number * hour_ms]}) for number in range(2)]
    workload, options = Sustained(), Sustained.test_type.resolve({"durationSeconds": 1})
    assert not workload.enough(options, runs[:1])
    assert workload.enough(options, runs)
