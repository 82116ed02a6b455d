"""Randomised complete blocks: how many a test takes, and what is said of models that take turns.

The product decides when there are enough blocks (`next_block`), on simulated runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from bench.conclusions.share import Share
from bench.conclusions.simulated.noises import INDEPENDENT, NOISES, NORMAL, PERCENT, Floats, runs
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
DRIFT = 5.0
"""Percent by which a machine slows down while a test of four points is measured."""


@dataclass(frozen=True)
class _Machine:
    """A source of runs, with a noise of this kind and percentage."""

    rng: np.random.Generator
    percent: float
    name: str = NORMAL

    def runs(self, rate: float) -> list[Run]:
        values = runs(NOISES[self.name], self.rng, OPTIONS[MAXIMUM], self.percent, rate)
        return [Run(metrics={HEADLINE.name: value}, record={}) for value in values]


def blocks(cases: int) -> Iterator[Row]:
    """Yield the mean number of blocks of a test, by the noises of its points in percent."""
    yield ("noise of the points", "blocks")
    rng = np.random.default_rng(1)
    for percents in SETS:
        machines = [_Machine(rng, percent) for percent in percents]
        counted = [len(_measured([machines], [RATE])[0].points[0].runs) for _ in range(cases)]
        yield ", ".join(f"{percent:g} %" for percent in percents), f"{fmean(counted):.1f}"


def models(cases: int) -> Iterator[Row]:
    """Yield how often two models that take turns are said to differ, by noise and true difference in percent."""
    yield "noise", "of a run", "equal: said to differ", *(f"{by:g} % slower: found" for by in FOUND), "blocks if equal"
    for name in NOISES:
        for percent in NOISE_PERCENTS:
            machines = [[_Machine(np.random.default_rng(2), percent, name)]] * 2
            equal = [_measured(machines, [RATE, RATE]) for _ in range(cases)]
            said = sum(_outcome(*series) is not Outcome.UNCLEAR for series in equal)
            yield (
                name,
                f"{percent:g} %",
                Share(said, cases, SAID if name in INDEPENDENT else None),
                *(_found(machines, by, cases, (name, percent) == (NORMAL, NOISE_PERCENTS[0])) for by in FOUND),
                f"{fmean(len(series[0].points[0].runs) for series in equal):.1f}",
            )


def _found(machines: Sequence[Sequence[_Machine]], by: float, cases: int, promised: bool) -> Share:  # noqa: FBT001 - of a row
    measured = (_measured(machines, [RATE, RATE * (1 - by / PERCENT)]) for _ in range(cases))
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


def _measured(machines: Sequence[Sequence[_Machine]], rates: Sequence[float]) -> list[BlockSeries]:
    """Measure tests that take turns, each with a rate and a machine for each point, until there are enough blocks."""
    drawn = [[machine.runs(rate) for machine in of_points] for of_points, rate in zip(machines, rates, strict=True)]
    tests = [
        BlockSeries(Decode(), OPTIONS, [PointRuns(number, {"point": number}, []) for number in range(len(of_points))])
        for of_points in drawn
    ]
    while (block := next_block(tests)) is not None:
        for test, of_points in zip(tests, drawn, strict=True):
            for point, of_point in zip(test.points, of_points, strict=True):
                point.runs.append(of_point[block - 1])
    return tests


def _outcome(*tests: BlockSeries) -> Outcome:
    baseline, other = (test.points[0].by_run(HEADLINE.name) for test in tests)
    return _verdict(baseline, other).outcome(HEADLINE.better)


def _verdict(baseline: Sequence[float], other: Sequence[float]) -> Difference:
    return paired.verdict(baseline, other, HEADLINE.unit, OPTIONS[MINIMUM], OPTIONS[MAXIMUM])
