"""Charts follow the window and the scheme of colours, without scripts."""

import pytest
from playwright.sync_api import Page, expect

from testbed.servers.restartable_stack import Site

pytestmark = pytest.mark.slow


def test_a_chart_has_the_colours_of_the_scheme_and_the_width_of_its_place(
    page: Page, gait: Site, finished: str
) -> None:
    page.goto(f"{gait.url}/sessions/{finished}")
    drawing = page.locator("#test-decode .drawing").first
    dot = drawing.locator(".dot, .hollow").first  # a run that something disturbed is hollow
    light = dot.evaluate("(dot) => getComputedStyle(dot).fill")
    page.emulate_media(color_scheme="dark")
    expect(dot).not_to_have_css("fill", light)
    page.set_viewport_size({"width": 390, "height": 900})
    assert drawing.evaluate("(drawing) => drawing.getBoundingClientRect().right") < 390
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
