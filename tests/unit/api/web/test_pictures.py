"""Charts that the server draws: where values are, and what stands beside the axes."""

import re
from datetime import datetime
from itertools import pairwise

import pytest

from api.web.pages.charts.figures import Axis, Figure, Mark, Trace
from api.web.pages.charts.svg import scales
from api.web.pages.charts.svg.picture import picture
from api.web.pages.charts.svg.times import of_times
from api.web.pages.charts.svg.traces import NAME_LINE
from common.values.units import epoch_ms

DAY_MS = 86_400_000
START = epoch_ms(datetime(2026, 11, 19))  # noqa: DTZ001 - naive, as in the database


def ticks(scale: scales.Scale) -> list[str]:
    return [text for _, text in scale.ticks]


@pytest.mark.parametrize(
    ("values", "unit", "asked", "expected", "begins"),
    [
        ([40.0, 44.0], "tokens/s", {"from_zero": True}, ["0", "10", "20", "30", "40"], ""),
        ([40.0, 44.0], "tokens/s", {"from_zero": False}, ["40", "41", "42", "43", "44"], "39.8"),
        ([40.0, 40.1], "tokens/s", {"from_zero": False}, ["39", "40", "41", "42"], "38"),
        ([-2.0, 3.0], "%", {"from_zero": False}, ["-2", "0", "2"], ""),
        ([2.0, 5.0], "", {"from_zero": False}, ["0", "2", "4"], ""),
        ([1.0, 3.0], "", {"from_zero": False, "whole": True}, ["1", "2", "3"], "0.88"),
        ([1.0, 2.0], "users", {"from_zero": True}, ["0", "1", "2"], ""),
        ([12_000.0, 90_000.0], "ms", {"from_zero": True}, ["0.0", "0.5", "1.0", "1.5"], ""),
    ],
)
def test_an_axis_begins_at_zero_or_says_where(
    values: list[float], unit: str, asked: dict[str, bool], expected: list[str], begins: str
) -> None:
    scale = scales.linear(values, unit, **asked)
    assert (ticks(scale), scale.begins) == (expected, begins)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, ["23:00", "19 Nov", "01:00"]),
        (0.2, ["01:00", "02:00", "03:00", "04:00"]),
        (5, ["19 Nov", "20 Nov", "21 Nov", "22 Nov", "23 Nov", "24 Nov"]),
        (40, ["1 Dec", "8 Dec", "15 Dec", "22 Dec", "29 Dec"]),
        (300, ["Jan 2027", "Mar 2027", "May 2027", "Jul 2027", "Sep 2027"]),
    ],
)
def test_an_axis_of_time_has_some_round_times(days: float, expected: list[str]) -> None:
    assert ticks(of_times([START, START + days * DAY_MS]))[-len(expected) :] == expected


def curve(*traces: Trace, **more: object) -> Figure:
    return Figure("How fast?", Axis("users", scale="log"), Axis("speed", "tokens/s", better="higher"), traces, **more)  # type: ignore[arg-type] # as the test says


def test_a_mark_is_where_the_line_is_at_its_value() -> None:
    """On a scale of ratios too."""
    drawn = picture(curve(Trace("tiny", [1, 4, 16], [40.0, 30.0, 8.0]), marks=[Mark(4, "knee")]))
    [dots] = [re.findall(r'<circle class="dot model-1" cx="([\d.]+)%', drawn.svg)]
    assert re.findall(r'<line class="mark" x1="([\d.]+)%', drawn.svg) == [dots[1]]
    assert drawn.axes == ["speed (tok/s) · higher is better"]


def test_a_picture_says_what_its_series_are_and_escapes_them() -> None:
    one, other = (Trace(name, [1, 2], [40.0, None], series=series) for name, series in (("<b>", 12), ("tiny", 3)))
    drawn = picture(curve(one, other, from_zero=False))
    assert [name for _, name in drawn.names] == ["<b>", "tiny"]
    assert "sample model-1" in drawn.names[0][0]
    assert 'class="symbol"' in drawn.svg
    assert "<b>" not in drawn.svg
    assert "&lt;b&gt;: 40.0 tok/s" in drawn.svg
    assert 'stroke-dasharray="6 4"' in drawn.svg
    assert "axis begins at 38" in drawn.axes[0]
    assert 'class="cut"' in drawn.svg


def test_a_gap_ends_an_area() -> None:
    at = [START, START + DAY_MS, None, START + DAY_MS, START + 2 * DAY_MS]
    levels = [40.0, 40.0, None, 36.0, 36.0]
    band = Trace("level", at, levels, [y and y - 1 for y in levels], [y and y + 1 for y in levels], look="band")
    drawn = picture(Figure("Levels", Axis("", scale="time"), Axis("speed"), [band], from_zero=False))
    assert (drawn.svg.count("<polygon"), drawn.svg.count("<polyline")) == (2, 2)


@pytest.mark.parametrize("ends", [(10.2, 10.1, 10.0), (100.0, 99.9, 99.8), (100.0, 0.0, 0.0)])
def test_names_of_lines_stand_apart_and_within_the_plot_in_the_order_of_their_ends(ends: tuple[float, ...]) -> None:
    drawn = picture(curve(*(Trace(str(end), [1, 2], [50.0, end], label=str(end)) for end in ends))).svg
    heights = [float(y) for y in re.findall(r'<text class="left" x="[0-9.]+%" y="([0-9.]+)" dx="7"', drawn)]
    assert len(heights) == len(ends)
    assert heights[0] >= NAME_LINE
    assert all(lower - higher >= NAME_LINE for higher, lower in pairwise(heights))


@pytest.mark.parametrize(("points", "left_out"), [(4, 0), (14, 7)])
def test_a_phone_shows_every_other_tick_only_where_all_do_not_fit(points: int, left_out: int) -> None:
    names = [f"{1000 + number}" for number in range(points)]
    figure = Figure(
        "How fast?", Axis("prompt", scale="category"), Axis("speed"), [Trace("tiny", names, [40.0] * points)]
    )
    assert picture(figure).svg.count("middle second") == left_out
