"""Values of the runs at a point: what represents a run, what failed, and when there are enough."""

from typing import Any

import pytest

from common.stats.censored import CENSORED
from common.stats.intervals.looks import confidence
from common.store.tables import Run
from worker.test_types.decode import Decode
from worker.test_types.sustained import Sustained
from worker.workload.point_runs import PointRuns

RATE = "decodeTokensPerSecond"
WAIT = "timeToFirstToken"
STANDARD = {"minRepetitions": 8, "maxRepetitions": 20, "precision": 2}


def request(wait: float | None, **labels: str) -> dict[str, Any]:
    return {"labels": labels, "figures": {WAIT: wait, RATE: 50.0}}


def run(*requests: dict[str, Any], metrics: dict[str, float | None] | None = None, **record: Any) -> Run:
    whole = {"own": list(metrics or {}), "requests": list(requests), **record}
    return Run(repetition=1, metrics={WAIT: None, RATE: None, **(metrics or {})}, record=whole)


def test_requests_that_do_not_represent_a_run_are_not_pooled_with_those_that_do() -> None:
    two = [request(10.0, prefix="new"), request(2.0, prefix="cached")]
    point = PointRuns(0, {"promptTokens": 512}, [run(*two, main={"prefix": "cached"})] * 6)
    found = point.distributions()[WAIT]
    assert (found["n"], found["max"], found["ci95"]) == (6, 2, [2, 2])
    labelled = {str(point["prefix"]): (runs, found[WAIT]["value"]) for point, runs, found in point.labelled()}
    assert labelled == {"new": (6, 10), "cached": (6, 2)}


def test_a_label_counts_the_runs_that_have_it() -> None:
    """The runs of a search each have the label of their own level."""
    levels = [run(request(float(users), users=users)) for users in ("1", "2", "2")]
    assert [(label, runs) for label, runs, _ in PointRuns(0, {}, levels).labelled()] == [
        ({"users": "1"}, 1),
        ({"users": "2"}, 2),
    ]


def test_a_run_of_an_earlier_release_is_represented_by_all_its_requests() -> None:
    assert PointRuns(0, {}, [run(request(1.0, turn="1"), request(3.0, turn="2"))]).samples(WAIT) == [[1, 3]]


def test_failed_requests_waited_longer_than_all_others_but_have_no_rate() -> None:
    runs = [run(request(1.0), request(2.0), metrics={"failedRequests": 1.0})] * 6
    found = PointRuns(0, {}, runs).distributions()
    assert (found[WAIT]["n"], found[WAIT]["censored"], found[WAIT]["value"]) == (18, 6, 2)
    assert (found[RATE]["n"], found[RATE]["censored"]) == (12, 0)


def test_a_censored_metric_of_a_run_is_infinite_and_an_unknown_one_left_out() -> None:
    cut = run(metrics={"timeToAnswer": None}, censored=["timeToAnswer"])
    unknown, known = run(metrics={"timeToAnswer": None}), run(metrics={"timeToAnswer": 5.0})
    assert PointRuns(0, {}, [cut, unknown, known]).by_run("timeToAnswer") == [CENSORED, 5]


@pytest.mark.parametrize(
    ("rates", "enough"),
    [
        ([100.0] * 7, False),  # no look
        ([100.0] * 8, True),
        ([100.0] * 9, False),
        ([50.0, 150.0] * 4, False),
        ([50.0, 150.0] * 10, True),  # the maximum
    ],
)
def test_precision_is_evaluated_at_looks_alone(rates: list[float], *, enough: bool) -> None:
    assert Decode().enough(STANDARD, [run(metrics={RATE: rate}) for rate in rates]) == enough


def test_a_thorough_session_wants_a_narrower_interval() -> None:
    runs = [run(metrics={RATE: rate}) for rate in (99.0, 101.0, 98.8, 101.2, 98.6, 101.4, 98.5, 101.5)]
    assert Decode().enough(STANDARD, runs)
    assert not Decode().enough({**STANDARD, "precision": 1}, runs)


def test_runs_that_end_by_the_clock_need_no_stricter_confidence() -> None:
    assert Decode().confidence(STANDARD) == pytest.approx(confidence(8, 20)) != 0.95
    assert Sustained().confidence({}) == 0.95
