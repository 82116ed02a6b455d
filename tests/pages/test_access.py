"""Every page, for everybody: by keyboard, with a screen reader, on a telephone, in the dark, without scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it has no types
from playwright.sync_api import Browser, Page, expect

from tests.pages.site import Site

pytestmark = pytest.mark.slow

PAGES = ("/", "/new", "/sessions/{finished}", "/compare?session={finished}", "/history", "/machines")
SERIOUS = ("serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(browser: Browser, gait: Site, finished: str, path: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type] # axe is injected
    page = context.new_page()
    page.goto(gait.url + path.format(finished=finished), wait_until="networkidle")
    found = Axe().run(page)
    context.close()
    serious = [violation for violation in found.response["violations"] if violation["impact"] in SERIOUS]
    assert not serious, found.generate_report()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_the_window(page: Page, gait: Site, finished: str, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(gait.url + path.format(finished=finished), wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES)
def test_the_keyboard_reaches_the_content_past_the_menu(page: Page, gait: Site, finished: str, path: str) -> None:
    page.goto(gait.url + path.format(finished=finished))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_results_can_be_read_without_scripts(browser: Browser, gait: Site, finished: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{gait.url}/sessions/{finished}")
    expect(page.locator("#results")).to_contain_text("tok/s")
    expect(page.locator("#results")).to_contain_text("does not think")
    page.goto(gait.url)
    expect(page.get_by_role("link", name="finished", exact=True)).to_be_visible()
    context.close()
