"""When blocks are enough, and their order."""

from collections.abc import Iterable, Sequence
from itertools import permutations

import pytest

from common.store.tables import Run
from worker.procedure.blocks import BlockSeries, next_block, shuffled
from worker.test_types.decode import Decode
from worker.workload.point_runs import PointRuns

OPTIONS = {"minRepetitions": 8, "maxRepetitions": 20}
STEADY = (100.0, 100.5, 99.5)
NOISY = (100.0, 130.0, 70.0)
UNKNOWN = (None,)


def series(*points: tuple[Sequence[float | None], int]) -> BlockSeries:
    """Return points with repeated rates, each with its number of runs."""
    return BlockSeries(
        Decode(), OPTIONS, [PointRuns(number, {"n": number}, runs(*point)) for number, point in enumerate(points)]
    )


def runs(rates: Sequence[float | None], count: int) -> list[Run]:
    rising = (rates[number % len(rates)] for number in range(count))
    return [Run(metrics={"decodeTokensPerSecond": rate}, record={}) for rate in rising]


def scaled(rates: Iterable[float], factor: float) -> list[float]:
    return [rate * factor for rate in rates]


@pytest.mark.parametrize(
    ("tests", "block"),
    [
        ([], None),  # nothing has begun
        ([series((STEADY, 0), (STEADY, 0))], 1),
        ([series((STEADY, 7), (STEADY, 7))], 8),
        ([series((STEADY, 8), (STEADY, 8))], None),
        ([series((STEADY, 8), (NOISY, 8))], 9),  # no point runs on alone
        ([series((STEADY, 20), (NOISY, 20))], None),
        ([series((STEADY, 9), (STEADY, 8))], 9),  # a cut block is completed
        ([series((STEADY, 20), (STEADY, 3))], 4),
        ([series((STEADY, 8)), series((STEADY, 8))], 9),  # 8 pairs are too few for a verdict
        ([series((STEADY, 12)), series((scaled(STEADY, 1.1), 12))], None),  # clearly different
        ([series((STEADY, 12)), series((STEADY[::-1], 12))], None),  # clearly alike
        ([series((STEADY, 12)), series((scaled(STEADY, 1.015), 12))], None),  # within 2 %, as far as is known
        ([series((STEADY, 12)), series((scaled((98, 106, 101), 1), 12))], 13),  # may be either
        ([series((STEADY, 20)), series((scaled((98, 106, 101), 1), 20))], None),
        ([series((STEADY, 12)), series((STEADY, 11))], 12),
        ([series((STEADY, 12)), series((NOISY, 12)), series((STEADY, 12))], 13),
        ([series((UNKNOWN, 12)), series((UNKNOWN, 12))], 13),
        ([series((UNKNOWN, 20)), series((UNKNOWN, 20))], None),
        ([series((STEADY, 12), (STEADY, 12)), series((STEADY, 12))], None),  # one model lacks a point
    ],
)
def test_the_next_block(tests: list[BlockSeries], block: int | None) -> None:
    assert next_block(tests) == block


def test_every_order_occurs_equally_often() -> None:
    orders = ["".join(shuffled("abc", str, f"session {block}")) for block in range(6000)]
    counts = [orders.count("".join(order)) for order in permutations("abc")]
    assert all(abs(count - 1000) < 120 for count in counts)  # four standard deviations; the seeds are fixed


def test_an_item_that_leaves_does_not_change_the_order_of_the_others() -> None:
    for block in range(20):
        whole = shuffled("abcde", str, f"session {block}")
        assert shuffled("aced", str, f"session {block}") == [item for item in whole if item != "b"]
