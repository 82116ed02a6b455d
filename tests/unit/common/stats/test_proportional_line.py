"""Lines through durations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.stats.proportional_line import fit

LENGTHS = (128, 512, 2048, 8192)


@given(fixed=st.floats(1, 1000), slope=st.floats(0.01, 10))
def test_a_line_without_noise_is_found(fixed: float, slope: float) -> None:
    assert fit([(length, fixed + slope * length) for length in LENGTHS]) == pytest.approx((fixed, slope), rel=1e-6)


def test_noise_in_relation_to_the_quantity_leaves_both_parts_true() -> None:
    rng = np.random.default_rng(5)
    truth = 40 + 0.5 * np.array(LENGTHS)
    noise = 1 + 0.01 * rng.standard_normal((500, len(LENGTHS)))
    lines = [fit(list(zip(LENGTHS, times, strict=True))) for times in (truth * noise).tolist()]
    assert np.median([line for line in lines if line], axis=0) == pytest.approx((40, 0.5), rel=0.01)


@pytest.mark.parametrize("x", [(), (128,), (128, 128)])
def test_one_length_gives_no_line(x: tuple[float, ...]) -> None:
    assert fit([(length, 10.0) for length in x]) is None
