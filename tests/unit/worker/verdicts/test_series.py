import pytest

from common.catalogue.metrics import METRICS
from common.stats.distribution import Drift
from worker.verdicts import series


@pytest.mark.parametrize(
    ("half_width", "runs", "flagged"),
    [(None, 6, True), (0.021, 6, True), (0.02, 6, False), (0.0, 6, False), (None, 5, False)],
)
def test_a_wide_interval_is_flagged_if_there_were_runs_enough_for_one(
    half_width: float | None, runs: int, *, flagged: bool
) -> None:
    assert (series.unsettled(half_width, runs) is not None) == flagged


def drift(low: float, high: float, share: float | None) -> Drift:
    return {"slope": (low + high) / 2, "ci95": [low, high], "share": share}


@pytest.mark.parametrize(
    ("found", "flagged"),
    [
        (drift(1, 2, 3), True),
        (drift(-2, -1, -3), True),
        (drift(1, 2, 2), False),  # too small
        (drift(-1, 2, 9), False),  # may be chance
        (drift(0, 2, 9), False),
        (drift(1, 2, None), False),
        (None, False),
    ],
)
def test_a_drift_is_flagged_if_it_is_certain_and_large(found: Drift | None, *, flagged: bool) -> None:
    assert (series.drifting(found, METRICS["decodeTokensPerSecond"]) is not None) == flagged


@pytest.mark.parametrize(
    ("metric", "sign", "cause"),
    [
        ("decodeTokensPerSecond", 1, "warming up"),
        ("decodeTokensPerSecond", -1, "throttling"),
        ("timeToFirstToken", 1, "throttling"),
        ("timeToFirstToken", -1, "warming up"),
    ],
)
def test_the_sign_of_a_drift_indicates_its_cause(metric: str, sign: int, cause: str) -> None:
    low, high = sorted((sign, 3 * sign))
    found = series.drifting(drift(low, high, 8 * sign), METRICS[metric])
    assert found is not None
    assert cause in found.advice
    assert found.evidence == {"metric": metric, "slope": 2 * sign, "low": low, "high": high, "share": 8 * sign}


def test_rejected_runs_are_flagged_with_their_rate() -> None:
    assert series.some_rejected(0, 5) is None
    found = series.some_rejected(2, 6)
    assert found is not None
    assert found.evidence == {"rejected": 2, "counted": 6, "rejectionRate": 0.25}


@pytest.mark.parametrize(("values", "agreed"), [((1, 100, 95), True), ((1, 95, 100), True), ((100, 100, 94), False)])
def test_the_last_two_warm_ups_must_agree(values: tuple[float, ...], *, agreed: bool) -> None:
    assert series.agree(values) == agreed


def test_an_unstable_warm_up_has_its_last_two_values_as_evidence() -> None:
    assert series.unstable_warm_up(2.00041, 1).evidence == {"last": 2.0, "before": 1}
