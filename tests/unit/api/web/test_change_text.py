"""How a difference is written."""

import math

import pytest

from api.conclusions.comparisons.words.sentences import change_text
from common.stats.comparing.comparison import Difference


@pytest.mark.parametrize(
    ("difference", "unit", "text"),
    [
        (Difference(math.inf, (12.0, math.inf), relative=True), "ms", "+∞ % (+12.0 to +∞)"),
        (Difference(12.34, (10.1, 14.2), relative=True), "ms", "+12.3 % (+10.1 to +14.2)"),
        (Difference(-0.5, (-1.0, 0.0), relative=True), "ms", "−0.50 % (−1.00 to 0.00)"),
        (Difference(10, (8, 12), relative=False), "%", "+10.0 points (+8.00 to +12.0)"),
        (Difference(1500, (1000, 2000), relative=False), "ms", "+1.50 s (+1.00 to +2.00)"),
        (Difference(3, None, relative=False), "requests", "+3.00 requests"),
    ],
)
def test_a_difference_is_formatted_with_its_sign_and_unit(difference: Difference, unit: str, text: str) -> None:
    assert change_text(difference, unit) == text
