"""Comparisons of two sessions, and many differences at once, by the product's own functions."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

import numpy as np

from api.conclusions.comparisons.evaluation.side import statistic
from api.conclusions.comparisons.evaluation.verdicts import Method, Verdict
from bench.conclusions.share import Share
from bench.conclusions.simulated.noises import FAR_SLOWER, INDEPENDENT, NOISES, NORMAL, PERCENT, TRUTH, runs
from bench.conclusions.table import Row
from common.catalogue.effort import MAXIMUM, MINIMUM, WORK, Effort
from common.catalogue.metrics import METRICS
from common.stats.comparing import between_sessions, false_discoveries, paired
from common.stats.comparing.comparison import Difference, Outcome
from common.stats.comparing.session_spread import SessionMedian, spread

METRIC = METRICS["decodeTokensPerSecond"]
OPTIONS = WORK[Effort.STANDARD]
RUNS = 8
NOISE = 1.0
"""Noise of the runs in percent."""
SPREADS = (0.0, 0.5, 1.0, 2.0)
"""How far sessions lie apart for no reason, in percent."""
UNCHANGED = (3, 5, 10, 20)
SAID = 0.05
"""How often two sessions may be said to differ if nothing was changed."""
FALSE = 0.05
"""Mean share of false ones among the clear differences of a page: the false discovery rate."""
SLOWER = 3.0
"""True differences of a page in percent."""
PAGES = ((5, 0), (20, 0), (50, 0), (20, 2), (20, 10))
"""Numbers of differences, and how many of them are true."""


def sessions(cases: int) -> Iterator[Row]:
    """Yield how often two sessions are said to differ, by how far unchanged sessions lie apart and their number."""
    yield (
        "spread",
        "",
        "unchanged sessions",
        "equal: said to differ",
        "3 % slower: found",
        "5 % slower: found",
        "detectable",
    )
    for name in INDEPENDENT:
        for percent in SPREADS if name == NORMAL else (1.0,):
            for unchanged in UNCHANGED:
                equal, three, five = (_pairs(name, percent, unchanged, by, cases) for by in (0, 3, 5))
                said = differing(equal, None if name == FAR_SLOWER else SAID)
                yield name, f"{percent:g} %", str(unchanged), said, worse(three), worse(five), detectable(equal)


def differing(found: Sequence[Difference], at_most: float | None) -> Share:
    """Return how many pairs are said to differ, in either direction."""
    return Share(sum(one.outcome(METRIC.better) is not Outcome.UNCLEAR for one in found), len(found), at_most)


def worse(found: Sequence[Difference], at_least: float | None = None) -> Share:
    """Return how many pairs are said to differ for the worse."""
    return Share(sum(one.outcome(METRIC.better) is Outcome.WORSE for one in found), len(found), None, at_least)


def detectable(found: Sequence[Difference]) -> str:
    """Return the mean of the differences that could have been found."""
    return f"{fmean(one.detectable for one in found if one.detectable is not None):.1f} %"


def _pairs(name: str, percent: float, unchanged: int, slower: float, cases: int) -> list[Difference]:
    """Compare pairs of sessions of which one is this much slower, each after some unchanged ones."""
    rng = np.random.default_rng(3)
    levels = (runs(NOISES[name], rng, unchanged + 2, percent) for _ in range(cases))
    return [_difference(rng, each, slower) for each in levels]


def _difference(rng: np.random.Generator, levels: Sequence[float], slower: float) -> Difference:
    """Compare the last two sessions, of which the second is slower, by the spread of the others."""
    true = [*levels[:-1], levels[-1] * (1 - slower / PERCENT)]
    *others, before, after = (_session(rng, level) for level in true)
    known = spread([others], relative=True)
    assert known is not None  # noqa: S101 - at least three sessions
    return between_sessions.difference(before, after, [known])


def _session(rng: np.random.Generator, level: float) -> SessionMedian:
    values = runs(NOISES[NORMAL], rng, RUNS, NOISE, level)
    found = SessionMedian.of(statistic(dict(enumerate(values)), METRIC, dict(OPTIONS)))
    assert found is not None  # noqa: S101 - no value is censored
    return found


def pages(cases: int) -> Iterator[Row]:
    """Yield how often a page with many differences has a false one, and how many of the clear ones are false."""
    yield (
        "differences",
        "of these true",
        "method",
        "pages with a false one",
        "mean share of false ones",
        "true ones found",
    )
    for count, changed in PAGES:
        for method in (Method.PAIRED, Method.SPREAD):
            rng = np.random.default_rng(4)
            clear = [_page(method, rng, count, changed) for _ in range(cases)]
            false, true = [sum(one[changed:]) for one in clear], sum(sum(one[:changed]) for one in clear)
            mean = sum(wrong / sum(one) for wrong, one in zip(false, clear, strict=True) if wrong)
            shares = Share(sum(map(bool, false)), cases), Share(round(mean), cases, FALSE), Share(true, cases * changed)
            yield str(count), str(changed), method, *shares


def _page(method: Method, rng: np.random.Generator, count: int, changed: int) -> Sequence[bool]:
    """Return which differences of a page stay clear. The first `changed` of them are true."""
    slower = [SLOWER] * changed + [0.0] * (count - changed)
    found = _in_turn(rng, slower) if method is Method.PAIRED else _in_two_sessions(rng, slower)
    return false_discoveries.clear([Verdict(one, method, METRIC).doubt or 0.0 for one in found])


def _in_turn(rng: np.random.Generator, slower: Sequence[float]) -> Iterable[Difference]:
    for by in slower:
        before, after = (runs(NOISES[NORMAL], rng, OPTIONS[MAXIMUM], NOISE, TRUTH - less) for less in (0, by))
        yield paired.verdict(before, after, METRIC.unit, OPTIONS[MINIMUM], OPTIONS[MAXIMUM])


def _in_two_sessions(rng: np.random.Generator, slower: Sequence[float]) -> Iterable[Difference]:
    """Compare points of the same two sessions: what affects a session as a whole affects all of them."""
    levels = runs(NOISES[NORMAL], rng, 12, 0.5)
    return (_difference(rng, levels, by) for by in slower)
