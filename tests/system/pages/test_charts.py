"""Charts: what they show can be chosen, and they follow the window and the scheme of colours."""

import pytest
from playwright.sync_api import Locator, Page, expect

from testbed.restartable_stack import Site
from tests.system.pages.conftest import SHORT, Submit

pytestmark = pytest.mark.slow

BOTH = ("tiny:latest", "small:latest")
DOTS = ".trace[class*=traceseries][class$=dots] .js-fill"  # without the holes of hollow dots


@pytest.fixture
def chart(page: Page, gait: Site, submit: Submit) -> Locator:
    """Return the figure of two models' waits."""
    options = {"ttft": SHORT | {"promptTokens": [64, 256]}}
    session_id = submit("ttft", host="double", models=BOTH, options=options)
    page.goto(f"{gait.url}/sessions/{session_id}")
    figure = page.locator("#test-ttft figure").first
    expect(page.locator("#test-ttft .model-cards .card", has_text="small:latest")).to_contain_text("ms")
    expect(page.locator("#live")).to_have_count(0)  # the session has ended: from now on the page replaces nothing
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".main-svg").first).to_be_visible()
    return figure


def test_a_model_is_taken_out_of_a_chart_and_put_back_with_its_runs(page: Page, chart: Locator) -> None:
    legend = chart.get_by_role("toolbar", name="Series of the chart")
    expect(legend.get_by_role("button")).to_have_text(list(BOTH))
    expect(chart.locator(DOTS)).to_have_count(2)
    legend.get_by_role("button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(legend.get_by_role("button", name="small:latest", pressed=False)).to_be_focused()
    expect(chart.locator(DOTS)).to_have_count(1)
    page.keyboard.press("Enter")
    expect(chart.locator(DOTS)).to_have_count(2)


def test_a_change_of_scheme_colours_what_is_drawn(page: Page, chart: Locator) -> None:
    line = chart.locator(".js-line").first
    line.evaluate("(path) => { path.isTheSame = true; }")
    expect(line).to_have_css("stroke", "rgb(0, 114, 178)")
    page.emulate_media(color_scheme="dark")
    expect(line).to_have_css("stroke", "rgb(86, 180, 233)")
    assert line.evaluate("(path) => path.isTheSame")


def test_a_chart_is_as_wide_as_its_place(page: Page, chart: Locator) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    width = chart.locator(".plot").evaluate("(plot) => plot.clientWidth")
    assert width < 390
    expect(chart.locator(".main-svg").first).to_have_attribute("width", str(width))
    assert not chart.locator(".plot").evaluate("(plot) => plot.scrollWidth > plot.clientWidth")
