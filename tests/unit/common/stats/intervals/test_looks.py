"""Looks at a series: when, and how confident each must be for the whole to hold."""

import numpy as np
import pytest
from scipy.stats import norm

from common.stats.intervals.looks import ESTIMATES, VERDICTS, confidence, looks


@pytest.mark.parametrize(
    ("minimum", "maximum", "expected"),
    [
        (8, 20, [8, 12, 16, 20]),
        (8, 45, [8, 12, 16, 20, 30, 40, 45]),
        (3, 3, [3]),
        (5, 4, [4]),
        (8, 340, [8, 12, 16, *range(20, 341, 20)]),
    ],
)
def test_looks_become_rarer_and_end_at_the_maximum(minimum: int, maximum: int, expected: list[int]) -> None:
    assert looks(minimum, maximum) == expected


@pytest.mark.parametrize("level", [ESTIMATES, VERDICTS])
@pytest.mark.parametrize("maximum", [8, 20, 180, 1000])
def test_the_whole_is_wrong_as_often_as_its_level(level: float, maximum: int) -> None:
    sums = np.cumsum(np.random.default_rng(2).standard_normal((20_000, maximum)), axis=1)
    at = np.array(looks(8, maximum))
    ever = np.abs(sums[:, at - 1] / np.sqrt(at)).max(axis=1)
    critical = norm.isf((1 - confidence(8, maximum, level)) / 2)
    assert (ever > critical).mean() == pytest.approx(level, rel=0.2)
