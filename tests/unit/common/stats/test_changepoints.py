"""Change points in seeded synthetic series, with known steps and without."""

from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.stats.changepoints import PENALTY, noise, steps

Draw = Callable[[np.random.Generator, int], np.ndarray]

NOISE: dict[str, Draw] = {
    "normal": lambda rng, n: rng.standard_normal(n),
    "with outliers": lambda rng, n: rng.standard_t(3, n),
    "peaked": lambda rng, n: rng.laplace(size=n),
}


def positions(values: Sequence[float]) -> list[int]:
    return [step.at for step in steps(values, "tokens/s")]


def series(levels: Sequence[tuple[int, float]], seed: int = 1, noise: float = 1.0) -> list[float]:
    rng = np.random.default_rng(seed)
    return [float(value) for count, level in levels for value in level + noise * rng.standard_normal(count)]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([(10, 100), (10, 88)], [10]),
        ([(100, 400), (100, 380)], [100]),
        ([(30, 100), (20, 110), (30, 100)], [30, 50]),
        ([(6, 100), (6, 80), (6, 120), (6, 60)], [6, 12, 18]),
        ([(198, 100), (2, 80)], [198]),
        ([(4, 100), (4, 80)], [4]),
    ],
)
def test_known_steps_are_found_at_their_positions(levels: list[tuple[int, float]], expected: list[int]) -> None:
    for seed in range(5):
        assert positions(series(levels, seed)) == expected, seed


def test_a_step_has_its_size_with_an_interval() -> None:
    [step] = steps(series([(20, 100), (20, 88)]), "tokens/s")
    assert step.difference.change == pytest.approx(-12, abs=1)
    assert step.difference.interval is not None
    low, high = step.difference.interval
    assert low < -12 < high
    assert high - low < 3


def test_a_level_of_two_sessions_after_few_others_has_no_interval() -> None:
    [step] = steps([100, 100.5, 99.7, 100.2, 80, 80.4], "tokens/s")
    assert (step.at, step.difference.interval) == (4, None)


def test_one_outlier_is_no_step() -> None:
    values = series([(30, 100)])
    values[17] = 40.0
    assert positions(values) == []


@pytest.mark.parametrize("noise", NOISE)
def test_noise_has_no_steps(noise: str) -> None:
    """At most one series in twenty has a false step; docs/measuring/statistics.md has the rates by length."""
    rng = np.random.default_rng(7)
    for n in (3, 4, 5, 6, 8, 12, 20):
        found = sum(bool(positions((100 + 2 * NOISE[noise](rng, n)).tolist())) for _ in range(200))
        assert found / 200 <= 0.05, n
    assert not any(positions((100 + 2 * NOISE[noise](rng, 200)).tolist()) for _ in range(3))


@pytest.mark.parametrize("values", [[], [1.0], [1, 2], [1, 1, 9], [5.0] * 50, [0.0] * 50])
def test_short_or_flat_series_have_no_steps(values: list[float]) -> None:
    assert positions(values) == []


def test_exact_values_step_exactly() -> None:
    [step] = steps([100.0] * 5 + [90.0] * 5, "%")
    assert (step.at, step.difference.change, step.difference.interval) == (5, -10, (-10, -10))


def cost(values: Sequence[float], found: Sequence[int]) -> float:
    """Return the cost of a partition in mean absolute deviations, as the module defines it."""
    levels = [np.array(values[start:end]) for start, end in pairwise([0, *found, len(values)])]
    deviations = sum(float(np.abs(level - np.median(level)).sum()) for level in levels)
    return deviations / noise(np.array(values)) + len(found) * (PENALTY[0] + PENALTY[1] * log(len(values)))


@given(st.lists(st.integers(1, 100).map(float), min_size=4, max_size=10))
@settings(max_examples=60)
def test_no_other_partition_is_cheaper(values: list[float]) -> None:
    inner = range(2, len(values) - 1)
    others = [chosen for count in range(len(values) // 2) for chosen in combinations(inner, count)]
    allowed = [one for one in others if all(end - start >= 2 for start, end in pairwise([0, *one, len(values)]))]
    assert cost(values, positions(values)) == pytest.approx(min(cost(values, one) for one in allowed))


@given(st.lists(st.floats(1, 1000), min_size=4, max_size=30), st.sampled_from([2.0, 1024.0]))
@settings(max_examples=40)
def test_the_unit_does_not_change_the_steps(values: list[float], factor: float) -> None:
    assert positions([value * factor for value in values]) == positions(values)


@given(st.lists(st.integers(1, 1000).map(float), min_size=4, max_size=30))
@settings(max_examples=40)
def test_every_level_has_at_least_two_points(values: list[float]) -> None:
    ends = [0, *positions(values), len(values)]
    assert all(end - start >= 2 for start, end in pairwise(ends))
