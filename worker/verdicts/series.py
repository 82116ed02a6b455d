"""Do the runs of a test, taken together, tell one number?"""

from collections.abc import Sequence

from common.catalogue.metrics import Metric
from common.stats.distribution import Drift
from worker.verdicts import Severity, Verdict

WARM = 0.05
SETTLED = 0.02
DRIFTED = 2.0
"""Percent over the whole series: as much as the median is to be known to."""


def unsettled(half_width: float | None, runs: int) -> Verdict | None:
    """The interval of the headline metric is still wider than wanted after the last repetition."""
    if half_width is not None and half_width <= SETTLED:
        return None
    evidence = {"halfWidth": half_width and round(half_width, 4), "wanted": SETTLED, "runs": runs}
    return Verdict("unsettled", Severity.FLAGS, evidence, "quiet the machine or raise maxRepetitions to know it better")


def drifting(drift: Drift | None, metric: Metric) -> Verdict | None:
    """The metric moved with the order of the runs, by more than chance and by more than matters."""
    if drift is None or drift["share"] is None or abs(drift["share"]) <= DRIFTED:
        return None
    low, high = drift["ci95"]
    if low <= 0 <= high:
        return None
    evidence = {"metric": metric.name, "slope": drift["slope"], "low": low, "high": high, "share": drift["share"]}
    return Verdict("drifting", Severity.FLAGS, evidence, _cause(faster=(low > 0) == (metric.better == "higher")))


def _cause(*, faster: bool) -> str:
    if faster:
        return "it became faster: the machine was still warming up; run the test again, or with more repetitions"
    return "it became slower: throttling, or other work that began; look at temperature, clocks and load"


def agree(values: Sequence[float]) -> bool:
    """Whether the last two warm-ups differ by less than 5 %."""
    last, before = values[-1], values[-2]
    return abs(last - before) <= WARM * max(abs(last), abs(before))


def unstable_warm_up(last: float, before: float) -> Verdict:
    evidence = {"last": round(last, 3), "before": round(before, 3)}
    return Verdict("unstable-warm-up", Severity.FLAGS, evidence, "the machine had not settled when measuring began")


def some_rejected(rejected: int, counted: int) -> Verdict | None:
    if not rejected:
        return None
    evidence = {"rejected": rejected, "counted": counted, "rejectionRate": rejected / (rejected + counted)}
    return Verdict("runs-rejected", Severity.FLAGS, evidence, "the log says why each was drawn again")
