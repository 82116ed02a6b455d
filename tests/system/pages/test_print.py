"""A session's page on paper."""

import pytest
from playwright.sync_api import Page, expect

from testbed.servers.restartable_stack import Site

pytestmark = pytest.mark.slow

COUNT_PRINTS = "() => { window.prints = 0; window.print = () => { window.prints += 1; }; }"
PAPER = {"width": 794, "height": 1123}


def test_a_report_is_printed_with_all_charts_and_without_controls(page: Page, gait: Site, finished: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{gait.url}/sessions/{finished}")
    assert page.locator("figure .drawing").count() > 1
    page.evaluate(COUNT_PRINTS)
    page.get_by_role("button", name="Print").click()
    page.wait_for_function("() => window.prints === 1")
    expect(page.locator("#telemetry-plot.js-plotly-plot")).to_have_count(1)
    page.evaluate("() => { dispatchEvent(new Event('beforeprint')); }")
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": PAPER["width"], "height": PAPER["height"]})
    expect(page.locator("#repeat details[open]").first).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()
    for control in page.locator("button, .button").all():
        expect(control).to_be_hidden()
    paper = page.evaluate("() => getComputedStyle(document.body.parentElement).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PAPER["width"]


def test_after_printing_the_page_is_as_it_was(page: Page, gait: Site, finished: str) -> None:
    page.goto(f"{gait.url}/sessions/{finished}")
    was_open = page.locator("details[open]").count()
    page.evaluate("() => { dispatchEvent(new Event('beforeprint')); }")
    assert page.locator("details[open]").count() > was_open
    page.evaluate("() => { dispatchEvent(new Event('afterprint')); }")
    expect(page.locator("details[open]")).to_have_count(was_open)
    expect(page.locator("html")).not_to_have_class("on-paper")
