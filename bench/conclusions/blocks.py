"""Randomised complete blocks: how many a test takes, and what is said of models that take turns.

The product decides when there are enough blocks (`next_block`), on simulated runs. Noise is log-normal.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp
from statistics import fmean, median

import numpy as np

from common.catalogue.metrics import METRICS
from common.stats import looks, paired
from common.stats.comparison import Difference
from common.store.tables import Run
from worker.procedure.blocks import BlockSeries, next_block, shuffled
from worker.test_types.decode import Decode
from worker.workload.point_runs import PointRuns

Row = tuple[str, ...]

MINIMUM, MAXIMUM = 8, 20
OPTIONS = {"minRepetitions": MINIMUM, "maxRepetitions": MAXIMUM}
HEADLINE = METRICS[Decode.test_type.headline]
RATE = 100.0
PERCENT = 100
SETS = ((1.0,), (1.0,) * 4, (2.0,), (2.0,) * 4, (3.0,), (3.0,) * 4, (1.0, 1.0, 1.0, 3.0))
"""Noises of the points of a test in percent."""
NOISES = (0.5, 1.0, 2.0, 3.0)
CHANGES = (0.0, 1.0, 2.0, 3.0, 5.0)
"""True differences of two models in percent."""
DRIFT = 5.0
"""Percent by which a machine slows down while a test of four points is measured."""


@dataclass(frozen=True)
class _Machine:
    """A source of runs whose rate has `noise` percent."""

    rng: np.random.Generator
    noise: float

    def run(self, rate: float) -> Run:
        return Run(metrics={HEADLINE.name: rate * exp(self.rng.normal(0, self.noise / PERCENT))}, record={})


def blocks(sets: Iterable[Sequence[float]] = SETS, tests: int = 1000) -> Iterator[Row]:
    """Yield the mean number of blocks of a test, by the noises of its points in percent."""
    yield ("noise of the points", "blocks")
    rng = np.random.default_rng(1)
    for noises in sets:
        machines = [_Machine(rng, noise) for noise in noises]
        counted = [len(_measured([machines], [RATE])[0].points[0].runs) for _ in range(tests)]
        yield ", ".join(f"{noise:g} %" for noise in noises), f"{fmean(counted):.1f}"


def models(noises: Iterable[float] = NOISES, changes: Iterable[float] = CHANGES, sessions: int = 1000) -> Iterator[Row]:
    """Yield how often two models that take turns are said to differ, by noise and true difference in percent."""
    yield ("noise", "true difference", "said to differ", "in the wrong direction", "blocks")
    rng, wanted = np.random.default_rng(2), list(changes)
    for noise in noises:
        for change in wanted:
            machines = [[_Machine(rng, noise)]] * 2
            measured = [_measured(machines, [RATE, RATE * (1 + change / PERCENT)]) for _ in range(sessions)]
            signs = [_sign(_difference(*series)) for series in measured]
            counted = fmean(len(series[0].points[0].runs) for series in measured)
            wrong = sum(sign < 0 for sign in signs)
            said = f"{_percent(sum(map(abs, signs)), sessions)}", f"{_percent(wrong, sessions)}"
            yield f"{noise:g} %", f"{change:g} %", *said, f"{counted:.1f}"


def drift(tests: int = 300, points: int = 4) -> Iterator[Row]:
    """Yield the largest difference of equal points when the machine slows down, by the order of their runs."""
    yield ("order", f"difference of {points} equal points when the rate falls by {DRIFT:g} %")
    rates = [RATE * (1 - DRIFT / PERCENT * run / (points * MINIMUM)) for run in range(points * MINIMUM)]
    in_a_row = [run // MINIMUM for run in range(points * MINIMUM)]
    yield "each point in a row", f"{_spread(rates, in_a_row):.2f} %"
    orders = (_order_of_blocks(points, str(test)) for test in range(tests))
    yield "randomised blocks", f"{fmean(_spread(rates, order) for order in orders):.2f} %"


def _order_of_blocks(points: int, seed: str) -> list[int]:
    return [point for block in range(MINIMUM) for point in shuffled(range(points), int, f"{seed} {block}")]


def _spread(rates: Sequence[float], order: Sequence[int]) -> float:
    medians = [median(rate for rate, of in zip(rates, order, strict=True) if of == point) for point in set(order)]
    return PERCENT * (max(medians) / min(medians) - 1)


def _measured(machines: Sequence[Sequence[_Machine]], rates: Sequence[float]) -> list[BlockSeries]:
    """Measure tests that take turns, each with a rate and a machine for each point, until there are enough blocks."""
    tests = [
        BlockSeries(Decode(), OPTIONS, [PointRuns(number, {"point": number}, []) for number in range(len(of_points))])
        for of_points in machines
    ]
    while next_block(tests) is not None:
        for test, of_points, rate in zip(tests, machines, rates, strict=True):
            for point, machine in zip(test.points, of_points, strict=True):
                point.runs.append(machine.run(rate))
    return tests


def _difference(*tests: BlockSeries) -> Difference:
    baseline, other = (test.points[0].by_run(HEADLINE.name) for test in tests)
    return paired.difference(baseline, other, HEADLINE.unit, looks.confidence(MINIMUM, MAXIMUM, looks.VERDICTS))


def _sign(difference: Difference) -> int:
    """Return 1 or -1 if the other model is said to be faster or slower, else 0."""
    low, high = difference.interval or (0.0, 0.0)
    return (low > 0) - (high < 0)


def _percent(count: int, of: int) -> str:
    return f"{PERCENT * count / of:.1f} %"
