import pytest

from api.web.pages.presentation.formatting import point_text, quantity, spread, text
from api.web.pages.session import repeat
from common.stats import summary


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ({"promptTokens": 1024}, "1024 prompt tokens"),
        ({"users": 8}, "8 at once"),
        ({"inputTokens": 128, "batchSize": 8}, "inputs of 128 tokens, batch of 8"),
        ({"pageCache": "cold"}, "page cache cold"),
        ({"promptTokens": 512, "prefix": "new"}, "512 prompt tokens, new prefix"),
        ({}, ""),
        (None, ""),
    ],
)
def test_a_point_is_formatted_as_text(point: dict[str, object] | None, expected: str) -> None:
    assert point_text(point) == expected


def test_whole_things_have_no_decimals() -> None:
    assert text(2.0, "users") == "2 users"
    assert text(2.5, "users") == "2.50 users"
    assert text(2.0, "ms") == "2.00 ms"
    assert "64 tokens, n = 6" in spread(summary.summarise([64.0] * 6, "tokens"))


def test_numbers_and_their_units_are_apart_and_nothing_in_them_is_markup() -> None:
    assert '<span class="number">41.5</span> <span class="unit">tok/s</span>' in quantity(41.5, "tokens/s")
    assert "<b>" not in quantity(1.0, "<b>")


def test_a_machine_is_described_with_what_is_known() -> None:
    gpu = {"model": "RTX 4090", "driver": "550", "memory": 25_757_220_864, "vendor": "NVIDIA", "instances": []}
    inventory = {"gpu": [gpu, {**gpu, "model": None}], "limits": {"cpus": 2.0, "memory": None}, "missing": {}}
    shown = list(repeat.machine(inventory))
    assert [words for title, words in shown if title == "GPU"] == [
        "RTX 4090, driver 550, 24 GB, NVIDIA",
        "driver 550, 24 GB, NVIDIA",
    ]
    assert ("Limits", "2 cpus") in shown
    assert ("RAM", "–") in shown
    assert ("GPU", "none found") in repeat.machine({"gpu": []})
