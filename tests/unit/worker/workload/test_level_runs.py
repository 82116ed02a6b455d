from common.catalogue.options import Options
from common.store.tables import Run
from worker.test_types.capacity import RATE_LEVELS, level_of, rate_at, rate_search
from worker.workload.traffic import level_runs

OPTIONS: Options = {"load": "requestsPerSecond", "ttftObjective": 1000, "interTokenObjective": 100}
GOOD = {"timeToFirstToken": 50.0, "clientTokensPerSecond": 100.0}


def test_a_rate_leads_back_to_its_level() -> None:
    for first in (0.01234, 1.0, 87.65):
        rates = {level: float(f"{rate_at(level, first):.4g}") for level in range(1, RATE_LEVELS + 1)}
        assert {level: level_of(rate, first) for level, rate in rates.items()} == {level: level for level in rates}


def test_a_continued_search_knows_what_its_runs_measured() -> None:
    """The first run was at another level than this release would begin with, the second had no answer."""
    labels = {"requestsPerSecond": f"{rate_at(90, 2.0):.4g}"}
    answered = Run(record={"requests": [{"labels": labels, "figures": GOOD}] * 10}, metrics={"failedRequests": 0})
    unanswered = Run(record={"requests": []}, metrics={"failedRequests": 4})
    search = rate_search(0.95)
    level_runs.repeat(
        search, [answered, unanswered], OPTIONS, lambda label: level_of(float(label["requestsPerSecond"]), 2)
    )
    first, second = search.evidence.items()
    assert first[0] == 90
    assert (first[1].good, first[1].answers) == (10, 10)
    assert second[0] > 90
    assert (second[1].good, second[1].answers) == (0, 4)
