"""Error rates of histories: false alarms, steps and drifts found, outages, and coverage of the sizes' intervals.

All histories are nightly, with a spread of 1 % between the nights. Autocorrelated ones are of first order.
"""

from collections.abc import Iterator, Mapping
from math import expm1, log1p

import numpy as np

from bench.conclusions.share import Share
from bench.conclusions.simulated.best_steps import Model, best
from bench.conclusions.simulated.noises import Draw, Floats, autocorrelated
from bench.conclusions.table import Row
from common.stats.history.detection import NEWEST
from common.stats.history.evaluation import Change, evaluate
from common.stats.intervals.median_interval import CONFIDENCE

SPREAD = 0.01
FALSE, FOUND = 0.01, 0.95
"""How often 20 sessions may show a false change, and how often a step or a drift is found."""
PROMISED = (5, 30)
"""A step of these percent is found after at least this number of nights; a smaller or earlier one less often."""
UNIT = "tokens/s"
AUTOCORRELATIONS = (0.0, 0.25, 0.5)
WEEK, WEEKS = 7, 6
NEAR = 3
"""Sessions that the date of a step may be off, to count as found."""


def _with_bad_nights(rng: np.random.Generator, n: int) -> Floats:
    return rng.standard_normal(n) - np.where(rng.random(n) < 0.05, rng.uniform(4, 15, n), 0.0)  # noqa: PLR2004


NOISES: Mapping[str, Draw] = {
    **{f"normal, autocorrelation {rho:g}": autocorrelated(rho) for rho in AUTOCORRELATIONS},
    "log-normal, spread 5 %": lambda rng, n: 5 * rng.standard_normal(n),
    "t with 3 degrees of freedom": lambda rng, n: rng.standard_t(3, n),
    "5 % of nights slower by 4 to 15 %": _with_bad_nights,
    "exponential": lambda rng, n: rng.exponential(size=n),
}


def changes(nights: Floats) -> list[Change]:
    """Return the changes of a history whose nights are logarithms in units of the spread."""
    return evaluate((100 * np.exp(SPREAD * nights)).tolist(), UNIT).changes


def false_alarms(series: int) -> Iterator[Row]:
    """Yield, for each noise, the share of histories without a change in which one is found."""
    yield "noise", "in the first 20 sessions", "in the next 20", "in 100"
    for name, draw in NOISES.items():
        rng = np.random.default_rng(1)
        firsts = [_first(changes(draw(rng, 100))) for _ in range(series)]
        alarms = [sum(low <= first < high for first in firsts) for low, high in ((0, 20), (20, 40), (0, 100))]
        promised = (FALSE, FALSE, None) if name.startswith("normal") else (None, None, None)
        yield name, *(Share(count, series, most) for count, most in zip(alarms, promised, strict=True))


def _first(found: list[Change]) -> int:
    return min((change.seen for change in found), default=1_000)


def steps(series: int) -> Iterator[Row]:
    """Yield, for steps after some nights, the share that is found some nights later, by autocorrelation."""
    found = [f"autocorrelation {rho:g}" for rho in AUTOCORRELATIONS]
    possible = [f"best possible, {rho:g}" for rho in AUTOCORRELATIONS]
    yield "step", "nights before", "nights after", *found, *possible
    shapes = [*((5, before, 3) for before in (12, 16, 20, 24, 30, 40, 60)), (3, 30, 3), (3, 30, 14), (2, 30, 28)]
    for percent, before, after in shapes:
        promised = FOUND if percent == PROMISED[0] and before >= PROMISED[1] else None
        counts = [_found(series, rho, percent, before, after) for rho in AUTOCORRELATIONS]
        shares = [Share(count, series, at_least=promised) for count in counts]
        yield f"{percent} %", str(before), str(after), *shares, *_possible(series, percent, before, after)


def _possible(series: int, percent: float, before: int, after: int) -> Iterator[str]:
    """Yield the best that any test can find, if the step is looked for once: in the third night."""
    step = -log1p(-percent / 100) / SPREAD
    for stepped in (Model(rho, step, after) for rho in AUTOCORRELATIONS):
        known = after == NEWEST
        yield f"{100 * best(stepped, before + after, AUTOCORRELATIONS, series):.1f} %" if known else ""


def _found(series: int, rho: float, percent: float, before: int, after: int) -> int:
    return sum(_nearest(nights, before) is not None for nights in _stepped(series, rho, percent, before, after))


def _stepped(series: int, rho: float, percent: float, before: int, after: int) -> Iterator[Floats]:
    rng, draw = np.random.default_rng(2), autocorrelated(rho)
    step = log1p(-percent / 100) / SPREAD
    for _ in range(series):
        yield draw(rng, before + after) + step * (np.arange(before + after) >= before)


def _nearest(nights: Floats, at: int) -> Change | None:
    near = [change for change in changes(nights) if abs(change.start - at) <= NEAR and not change.drifts]
    return near[0] if near else None


def drifts(series: int) -> Iterator[Row]:
    """Yield the share of drifts of 1 % a week for six weeks that are found, and found to be drifts."""
    yield "autocorrelation", "steady nights before", "found within six weeks", "as a drift", "interval held the drift"
    for rho in AUTOCORRELATIONS:
        for before in (0, 20, 60):
            found = [changes(nights) for nights in _drifting(series, rho, before)]
            sloping = [change for each in found for change in each if change.drifts]
            yield (
                f"{rho:g}",
                str(before),
                Share(sum(map(bool, found)), series, at_least=FOUND),
                Share(sum(any(change.drifts for change in each) for each in found), series),
                Share(sum(_holds(change, -_drifted(change, before)) for change in sloping), len(sloping)),
            )


def _drifting(series: int, rho: float, before: int) -> Iterator[Floats]:
    rng, draw = np.random.default_rng(3), autocorrelated(rho)
    for _ in range(series):
        yield draw(rng, before + WEEKS * WEEK) - np.maximum(np.arange(before + WEEKS * WEEK) - before, 0) / WEEK


def _drifted(change: Change, before: int) -> float:
    """Return how far the level fell during a drift, in units of the spread."""
    return (max(change.last, before) - max(change.start, before)) / WEEK


def _holds(change: Change, truth: float) -> bool:
    low, high = change.difference.interval or (0.0, 0.0)
    return low < 100 * expm1(SPREAD * truth) < high


def sizes(series: int) -> Iterator[Row]:
    """Yield the share of found steps whose interval holds the true size, by the nights after the step."""
    yield "step after 30 nights", "nights after", *(f"autocorrelation {rho:g}" for rho in AUTOCORRELATIONS)
    for percent in (5, 10):
        for after in (3, 8, 20, 60):
            yield f"{percent} %", str(after), *(_held(series, rho, percent, after) for rho in AUTOCORRELATIONS)


def _held(series: int, rho: float, percent: float, after: int) -> Share:
    found = [_nearest(nights, 30) for nights in _stepped(series, rho, percent, 30, after)]
    held = [_holds(change, log1p(-percent / 100) / SPREAD) for change in found if change]
    return Share(sum(held), len(held), at_least=CONFIDENCE)


def outages(series: int) -> Iterator[Row]:
    """Yield how histories look in which some nights in a row were 10 % slower, and then as before."""
    yield "slower nights in a row", "no change found", "found as two steps", "other"
    rng, draw = np.random.default_rng(4), autocorrelated(0.25)
    for nights in (1, 2, 3, 4, 6):
        found = []
        for _ in range(series):
            history = draw(rng, 60)
            history[30 : 30 + nights] -= 10
            found.append(len(changes(history)))
        counts = [found.count(0), found.count(2)]
        yield str(nights), *(Share(count, series) for count in [*counts, series - sum(counts)])
