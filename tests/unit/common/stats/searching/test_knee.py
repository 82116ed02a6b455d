"""The knee of a throughput curve."""

import pytest

from common.stats.searching.knee import Knee, knee


def blocks(value: float, runs: int = 8, spread: float = 0.01) -> dict[int, float]:
    """Return values around this one, which differ from block to block as those of other points do."""
    return {number: value * (1 + spread * (number - runs / 2)) for number in range(1, runs + 1)}


def around(value: float, spread: float) -> dict[int, float]:
    """Return eight values whose ratio to another point's alternates."""
    return {number: found * (1 + spread * (-1) ** number) for number, found in blocks(value).items()}


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ({}, None),
        ({1: {}}, None),
        ({1: blocks(10)}, Knee(1, 1, 1)),
        ({1: blocks(10), 2: blocks(20), 4: blocks(40), 8: blocks(40.5)}, Knee(4, 4, 4)),
        ({4: blocks(38.5), 8: blocks(40), 2: blocks(20)}, Knee(4, 4, 4)),  # within 95 %, and in any order
        ({1: blocks(20), 4: around(38.5, 0.05), 8: blocks(40)}, Knee(4, 4, 8)),
        ({1: blocks(20), 4: around(37.5, 0.05), 8: blocks(40)}, Knee(8, 4, 8)),
        ({1: blocks(20, runs=3), 4: blocks(40, runs=3)}, Knee(4, None, None)),
        ({1: blocks(20, runs=3), 4: blocks(40)}, Knee(4, None, None)),
        ({1: blocks(0), 4: blocks(40)}, Knee(4, None, None)),
    ],
)
def test_the_knee_is_a_range_if_the_runs_do_not_decide(
    curve: dict[int, dict[int, float]], expected: Knee | None
) -> None:
    assert knee(curve) == expected
