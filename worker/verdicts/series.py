"""Verdicts on the runs of a test together: whether they measure one number."""

from collections.abc import Sequence

from common.catalogue.metrics import Metric
from common.catalogue.verdicts import on_tests
from common.stats.distribution import Drift
from common.stats.intervals.median_interval import MIN_SAMPLES
from worker.verdicts import Verdict

WARM = 0.05
"""Largest difference of the last two warm-ups, as a fraction."""
SETTLED = 0.02
"""Half width of the median's interval that is narrow enough by default, as a fraction of the median."""
MAX_DRIFT = 2.0
"""Change over the whole series in percent: as large as the tolerated half width."""


def unsettled(half_width: float | None, runs: int, wanted: float = SETTLED) -> Verdict | None:
    """Flag an interval of the headline metric that is still too wide after the last run, or that is unknown.

    A test that was to have too few runs for an interval is as precise as wanted.
    """
    if runs < MIN_SAMPLES or (half_width is not None and half_width <= wanted):
        return None
    evidence = {"halfWidth": half_width and round(half_width, 4), "wanted": wanted, "runs": runs}
    return Verdict.of(on_tests.UNSETTLED, evidence)


def drifting(drift: Drift | None, metric: Metric) -> Verdict | None:
    """Flag a metric that changed with the order of the runs, by more than chance and by more than MAX_DRIFT."""
    if drift is None or drift["share"] is None or abs(drift["share"]) <= MAX_DRIFT:
        return None
    low, high = drift["ci95"]
    if low <= 0 <= high:
        return None
    evidence = {"metric": metric.name, "slope": drift["slope"], "low": low, "high": high, "share": drift["share"]}
    became_faster = (low > 0) == (metric.better == "higher")
    return Verdict.of(on_tests.DRIFTING_FASTER if became_faster else on_tests.DRIFTING_SLOWER, evidence)


def agree(values: Sequence[float]) -> bool:
    """Return True if the last two warm-ups differ by at most 5 %."""
    last, before = values[-1], values[-2]
    return abs(last - before) <= WARM * max(abs(last), abs(before))


def unstable_warm_up(last: float, before: float) -> Verdict:
    return Verdict.of(on_tests.UNSTABLE_WARM_UP, {"last": round(last, 3), "before": round(before, 3)})


def interrupted(pauses_ms: Sequence[float], counted_ms: float) -> Verdict:
    evidence = {"pauses": len(pauses_ms), "longest": max(pauses_ms), "counted": round(counted_ms)}
    return Verdict.of(on_tests.INTERRUPTED, evidence)


def some_rejected(rejected: int, counted: int) -> Verdict | None:
    if not rejected:
        return None
    evidence = {"rejected": rejected, "counted": counted, "rejectionRate": rejected / (rejected + counted)}
    return Verdict.of(on_tests.RUNS_REJECTED, evidence)
