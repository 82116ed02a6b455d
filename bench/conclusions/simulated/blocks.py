"""Randomised complete blocks: how many a test takes, and what is said of models that take turns.

The product decides when there are enough blocks (`next_block`), on simulated runs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from statistics import fmean, median

import numpy as np

from bench.conclusions.share import Share
from bench.conclusions.simulated.noises import INDEPENDENT, NOISES, NORMAL, PERCENT, TRUTH, Floats, autocorrelated, runs
from bench.conclusions.table import Row
from common.catalogue.effort import MAXIMUM, MINIMUM, WORK, Effort
from common.catalogue.metrics import METRICS
from common.stats.comparing import paired
from common.stats.comparing.comparison import Difference, Outcome
from common.store.tables import Run
from worker.procedure.blocks import BlockSeries, next_block, shuffled
from worker.test_types.decode import Decode
from worker.workload.point_runs import PointRuns

OPTIONS = WORK[Effort.STANDARD]
BLOCKS = OPTIONS[MINIMUM]
HEADLINE = METRICS[Decode.test_type.headline]
RATE = 100.0
SETS = ((1.0,), (1.0,) * 4, (2.0,), (2.0,) * 4, (3.0,), (3.0,) * 4, (1.0, 1.0, 1.0, 3.0))
"""Noises of the points of a test in percent."""
NOISE_PERCENTS = (1.0, 3.0)
SAID = 0.01
"""How often two equal models may be said to differ."""
FOUND = {2.0: 0.80, 3.0: 0.95, 5.0: 1.0}
"""How often a difference of these percent is found if the noise is normal, of 1 %."""
OF_MACHINE = (0.25, 0.5, 0.8)
"""Autocorrelations of the machine: each run resembles the one measured before it, of whichever model."""
DRIFT = 5.0
"""Percent by which a machine slows down while a test of four points is measured."""


Drawn = list[list[float]]
"""The runs of each model or point, in order."""
Draw = Callable[[np.random.Generator, float, Sequence[float]], Drawn]
"""Draws the runs of models or points with noise of a percentage and these true rates."""


def _each_alone(name: str, rng: np.random.Generator, percent: float, rates: Sequence[float]) -> Drawn:
    """Draw runs that each have noise of this kind, whatever is measured between them."""
    return [runs(NOISES[name], rng, OPTIONS[MAXIMUM], percent, rate) for rate in rates]


def _of_machine(rho: float, rng: np.random.Generator, percent: float, rates: Sequence[float]) -> Drawn:
    """Draw runs with the noise of a machine whose runs each resemble the one before, in the order of the product."""
    order, seed = range(len(rates)), str(rng.integers(1 << 32))
    turns = [of for block in range(OPTIONS[MAXIMUM]) for of in shuffled(order, int, f"{seed} {block}")]
    noise = runs(autocorrelated(rho), rng, len(turns), percent)
    return [[rates[of] * each / TRUTH for each, by in zip(noise, turns, strict=True) if by == of] for of in order]


SOURCES: Mapping[str, Draw] = {
    **{name: partial(_each_alone, name) for name in NOISES},
    **{f"machine, autocorrelation {rho:g}": partial(_of_machine, rho) for rho in OF_MACHINE},
}


def blocks(cases: int) -> Iterator[Row]:
    """Yield the mean number of blocks of a test, by the noises of its points in percent."""
    yield ("noise of the points", "blocks")
    rng = np.random.default_rng(1)
    for percents in SETS:
        counted = [len(_test_of(rng, percents).points[0].runs) for _ in range(cases)]
        yield ", ".join(f"{percent:g} %" for percent in percents), f"{fmean(counted):.1f}"


def _test_of(rng: np.random.Generator, percents: Sequence[float]) -> BlockSeries:
    """Measure a test whose points have these noises."""
    points = [run for percent in percents for run in _each_alone(NORMAL, rng, percent, [RATE])]
    return _measured([points])[0]


def models(cases: int) -> Iterator[Row]:
    """Yield how often two models that take turns are said to differ, by noise and true difference in percent."""
    yield "noise", "of a run", "equal: said to differ", *(f"{by:g} % slower: found" for by in FOUND), "blocks if equal"
    for name, draw in SOURCES.items():
        for percent in NOISE_PERCENTS:
            pairs = partial(draw, np.random.default_rng(2), percent)
            equal = [_in_turn(pairs([RATE, RATE])) for _ in range(cases)]
            said = sum(_outcome(*series) is not Outcome.UNCLEAR for series in equal)
            yield (
                name,
                f"{percent:g} %",
                Share(said, cases, SAID if name in INDEPENDENT or name not in NOISES else None),
                *(_found(pairs, by, cases, (name, percent) == (NORMAL, NOISE_PERCENTS[0])) for by in FOUND),
                f"{fmean(len(series[0].points[0].runs) for series in equal):.1f}",
            )


def _in_turn(drawn: Drawn) -> list[BlockSeries]:
    """Measure tests of one point each, of models that take turns."""
    return _measured([[of_model] for of_model in drawn])


def _found(pairs: Callable[[Sequence[float]], Drawn], by: float, cases: int, promised: bool) -> Share:  # noqa: FBT001 - of a row
    measured = (_in_turn(pairs([RATE, RATE * (1 - by / PERCENT)])) for _ in range(cases))
    found = sum(_outcome(*series) is Outcome.WORSE for series in measured)
    return Share(found, cases, at_least=FOUND[by] if promised else None)


def drift(cases: int) -> Iterator[Row]:
    """Yield the largest difference of equal points when the machine slows down, by the order of their runs."""
    points = 4
    yield ("order", f"difference of {points} equal points when the rate falls by {DRIFT:g} %")
    rates = RATE * np.linspace(1, 1 - DRIFT / PERCENT, points * BLOCKS)
    yield "each point in a row", f"{_spread(rates, [run // BLOCKS for run in range(points * BLOCKS)]):.2f} %"
    orders = (_order_of_blocks(points, str(test)) for test in range(cases))
    yield "randomised blocks", f"{fmean(_spread(rates, order) for order in orders):.2f} %"


def _order_of_blocks(points: int, seed: str) -> list[int]:
    return [point for block in range(BLOCKS) for point in shuffled(range(points), int, f"{seed} {block}")]


def _spread(rates: Floats, order: Sequence[int]) -> float:
    medians = [median(rate for rate, of in zip(rates, order, strict=True) if of == point) for point in set(order)]
    return float(PERCENT * (max(medians) / min(medians) - 1))


def _measured(drawn: Sequence[Drawn]) -> list[BlockSeries]:
    """Measure tests that take turns, each with the runs of its points, until there are enough blocks."""
    tests = [
        BlockSeries(Decode(), OPTIONS, [PointRuns(number, {"point": number}, []) for number in range(len(of_points))])
        for of_points in drawn
    ]
    while (block := next_block(tests)) is not None:
        for test, of_points in zip(tests, drawn, strict=True):
            for point, of_point in zip(test.points, of_points, strict=True):
                point.runs.append(Run(metrics={HEADLINE.name: of_point[block - 1]}, record={}))
    return tests


def _outcome(*tests: BlockSeries) -> Outcome:
    baseline, other = (test.points[0].by_run(HEADLINE.name) for test in tests)
    return _verdict(baseline, other).outcome(HEADLINE.better)


def _verdict(baseline: Sequence[float], other: Sequence[float]) -> Difference:
    return paired.verdict(baseline, other, HEADLINE.unit, OPTIONS[MINIMUM], OPTIONS[MAXIMUM])
