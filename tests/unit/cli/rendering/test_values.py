"""Values in a terminal are those of the pages."""

import pytest

from cli.rendering.values import interval, quantity


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (83_000.0, "ms", "1 min 23 s"),
        (7_530_000.0, "ms", "2 h 5 min"),
        (24.0 * 2**30, "bytes", "24 GB"),
        (136.4 * 2**20, "bytes", "136 MB"),
        (9.876, "%", "9.88 %"),
        (2.0, "users", "2 users"),
        (3e9, "file bytes", "3.00 GB"),
        (None, "ms", "–"),
    ],
)
def test_a_quantity(value: float | None, unit: str, shown: str) -> None:
    assert quantity(value, unit) == shown


@pytest.mark.parametrize(
    ("low", "value", "high", "unit", "shown"),
    [
        (44.8, 45.0, 45.4, "tokens/s", "44.8 – 45.4"),
        (1200.0, 1500.0, 2100.0, "ms", "1.20 – 2.10"),
        (59_000.0, 61_000.0, 70_000.0, "ms", "59.0 s – 1 min 10 s"),
        (2.0, 2.0, 3.0, "users", "2 – 3"),
        (None, 1.0, 2.0, "ms", ""),
    ],
)
def test_an_interval_is_in_the_unit_of_its_value(
    low: float | None, value: float, high: float, unit: str, shown: str
) -> None:
    assert interval((low, high), value, unit) == shown
