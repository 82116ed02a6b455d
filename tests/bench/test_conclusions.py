"""The tables of error rates, each from a few simulated histories."""

import pytest

from bench.conclusions.histories import TABLES


@pytest.mark.parametrize("table", ["Drifts found", "Outages"])
def test_every_row_has_a_rate_for_every_column(table: str) -> None:
    header, *rows = TABLES[table](2)
    assert rows
    assert all(len(row) == len(header) and row[-1].endswith(" %") for row in rows)
