import json

import pytest

from api.web.pages.charts.figures import Axis, Figure, Trace
from api.web.pages.formatting import point_text, quantity, spread, text
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


def test_a_figure_is_drawn_from_json() -> None:
    lanes = Axis("model", names=[(0, "tiny")])
    figure = Figure("How fast?", lanes, Axis("rate"), [Trace("a", [0], [1.5])], y2=Axis("clock", "MHz"))
    drawn = json.loads(json.dumps(figure.drawn()))
    assert drawn["x"]["names"] == [[0, "tiny"]]
    assert drawn["y2"]["unit"] == "MHz"
    assert drawn["traces"][0]["y"] == [1.5]


def test_a_figure_with_many_names_is_crowded() -> None:
    lines = [Trace(str(number), [0], [1.0]) for number in range(6)]
    assert Figure("", Axis("x"), Axis("y"), lines).is_crowded
    assert not Figure("", Axis("x"), Axis("y"), lines[:2]).is_crowded
