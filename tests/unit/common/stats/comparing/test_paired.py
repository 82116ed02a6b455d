"""Paired differences: invariances, and what too few pairs give. Error rates are printed by `bench/conclusions`."""

from math import inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.stats.comparing.comparison import Difference
from common.stats.comparing.paired import difference
from common.stats.intervals.looks import VERDICTS, confidence

LEVEL = confidence(8, 20, VERDICTS)

positive = st.lists(st.tuples(st.floats(1, 1000), st.floats(1, 1000)), min_size=12, max_size=20)
anything = st.lists(
    st.tuples(st.integers(-1000, 1000).map(float), st.integers(-1000, 1000).map(float)), min_size=12, max_size=20
)
quick = settings(max_examples=60)
Pairs = list[tuple[float, float]]


def compared(pairs: Pairs, unit: str = "ms") -> Difference:
    baseline, other = zip(*pairs, strict=True)
    return difference(baseline, other, unit, LEVEL)


def bounds(found: Difference) -> tuple[float, float]:
    assert found.interval is not None
    return found.interval


@given(positive)
@quick
def test_swapping_inverts_a_ratio(pairs: Pairs) -> None:
    found, back = compared(pairs), compared([(other, baseline) for baseline, other in pairs])
    low, high = bounds(found)
    assert found.relative
    assert 1 + back.change / 100 == pytest.approx(1 / (1 + found.change / 100))
    assert [1 + bound / 100 for bound in bounds(back)] == pytest.approx([1 / (1 + high / 100), 1 / (1 + low / 100)])


@given(anything)
@quick
def test_swapping_inverts_a_plain_difference(pairs: Pairs) -> None:
    found, back = compared(pairs, "%"), compared([(other, baseline) for baseline, other in pairs], "%")
    low, high = bounds(found)
    assert (back.change, back.interval) == (-found.change, (-high, -low))


@given(positive, st.lists(st.floats(0.5, 2), min_size=20, max_size=20), st.randoms(use_true_random=False))
@quick
def test_what_affects_a_whole_block_and_the_order_of_blocks_do_not_matter(
    pairs: Pairs, blocks: list[float], random: Random
) -> None:
    found = compared(pairs)
    slowed = [(baseline * block, other * block) for (baseline, other), block in zip(pairs, blocks, strict=False)]
    again = compared(random.sample(slowed, len(slowed)))
    assert again.change == pytest.approx(found.change)
    assert again.interval == pytest.approx(bounds(found))


@pytest.mark.parametrize(
    ("pairs", "unit", "expected"),
    [
        ([(100.0, 150.0)], "ms", Difference(50, None, relative=True)),
        ([(100.0, 150.0)] * 8, "ms", Difference(50, None, relative=True)),  # 8 pairs do not reach 99.7 %
        ([(100.0, 150.0)] * 12, "ms", Difference(50, (50, 50), relative=True)),
        ([(100.0, 150.0)] * 12, "%", Difference(50, (50, 50), relative=False)),
        ([(100.0, inf)] * 12, "ms", Difference(inf, (inf, inf), relative=True)),
        ([(inf, inf)] * 9 + [(100.0, 150.0)] * 3, "ms", Difference(0, (0, 50), relative=True)),
        ([(0.0, 4.0)] * 12, "requests", Difference(4, (4, 4), relative=False)),
    ],
)
def test_differences_of_equal_pairs(pairs: Pairs, unit: str, expected: Difference) -> None:
    found = compared(pairs, unit)
    assert found.change == pytest.approx(expected.change)
    assert found.interval == (expected.interval and pytest.approx(expected.interval))
    assert found.relative == expected.relative


def test_runs_without_a_partner_are_an_error() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        difference([1.0, 2.0], [1.0], "ms", LEVEL)
