"""Outliers by the modified z-score, also where most samples are equal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.stats.censored import CENSORED
from common.stats.outliers import first, mad, outliers

whole = st.integers(-1000, 1000).map(float)
"""Their sums and products are exact, and so are comparisons with thresholds."""


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([1, 2, 3, 4, 100], [4]),
        ([64, 64, 64, 65], [3]),  # all others are equal
        ([64, 64, 65], []),  # two others are too few
        ([64] * 9 + [65], [9]),
        ([64] * 4 + [63, 65], []),  # a third of the samples differ by as much
        ([64] * 20 + [65, 900], [21]),
        ([7] * 6, []),
        ([1, 2, 3, 4, CENSORED], [4]),
        ([7, 7, 7, 7, CENSORED, CENSORED], [4, 5]),
        ([1, CENSORED, CENSORED, CENSORED, CENSORED], [0]),
    ],
)
def test_known_outliers(samples: list[float], expected: list[int]) -> None:
    assert outliers(samples) == expected


@pytest.mark.parametrize(
    ("samples", "outlier"),
    [
        ([50, 99, 100, 101], True),
        ([100, 99, 100, 101], False),
        ([105, 99, 100, 101], False),  # a score of 0.6745 * 5 = 3.37
        ([105.3, 99, 100, 101], True),  # 3.57; among all four it would score 3.24
        ([50, 99, 100], None),  # two others are too few
        ([50, 100, 100, 100], True),  # the others have no spread
        ([100, 100, 100, 100], False),
        ([101, 100, 100, 100, 100, 102], False),
        ([7], None),
        ([CENSORED, 99, 100, 101], True),
    ],
)
def test_the_first_sample_is_compared_with_the_others(samples: list[float], *, outlier: bool | None) -> None:
    assert first(samples) == {"value": samples[0] if samples[0] < CENSORED else None, "outlier": outlier}


@given(st.lists(st.integers(-1000, 1000), min_size=4, max_size=12))
def test_the_order_of_the_others_does_not_affect_the_first(samples: list[int]) -> None:
    one, *others = samples
    assert first(samples) == first([one, *sorted(others)])


@given(st.lists(whole, min_size=3, max_size=12))
def test_outliers_are_flagged_in_any_order(samples: list[float]) -> None:
    flagged = sorted(samples[position] for position in outliers(samples))
    reversed_ = samples[::-1]
    assert flagged == sorted(reversed_[position] for position in outliers(reversed_))


@given(st.lists(whole, min_size=1, max_size=12), st.sampled_from([2.0, 60.0, 1000.0]), st.integers(-1000, 1000))
def test_outliers_do_not_depend_on_unit_or_origin(samples: list[float], unit: float, added: int) -> None:
    moved = [sample * unit + added for sample in samples]
    assert outliers(moved) == outliers(samples)
    assert first(moved)["outlier"] == first(samples)["outlier"]
    assert mad(moved) == pytest.approx(unit * mad(samples))
