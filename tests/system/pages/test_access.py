"""Every page, for everybody: by keyboard, with a screen reader, on a telephone, in the dark, without scripts."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it has no types
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from testbed.ollama_double import OllamaDouble
from testbed.servers.restartable_stack import Site
from tests.integration.api.http.access.test_access import PAGES as ROUTES
from tests.system.pages.conftest import TIMEOUT_MS

pytestmark = pytest.mark.slow

PAGES = {
    "/": ".glance",
    "/models": ".heat",
    "/models/one?model=night:latest&host=local": ".answers",
    "/new": "#models input",
    "/sessions/{finished}": "button:has-text('Delete session')",
    "/sessions/{running}": "#current-test:has-text('decode')",
    "/compare?session={first}&session={last}": ".compared",
    "/history?model=night:latest&testType=decode": "svg.drawing",
    "/machines": "[data-host=local] .spark",
    "/machines/one?host=local": ".machine-models",
}
"""Each with what is there once its script has done its first work."""
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=900)
TALL, TALL_NARROW = ViewportSize(width=1440, height=5000), ViewportSize(width=390, height=5000)
"""So that all charts are in sight, and drawn."""
ALL = {"resultTypes": ["violations"]}
"""Without a description of each element that passed, which takes longer than the checks."""
OF_THE_LOOK = ALL | {"runOnly": ["color-contrast", "scrollable-region-focusable"]}
OF_SWAGGER = ALL | {"runOnly": ["heading-order", "nested-interactive", "region", "landmark-unique", "color-contrast"]}
"""The rules that Swagger UI's own markup breaks."""
STOPS = 60
# Chromium marks the button within a date's field by itself.
OUTLINE = """() => {
    const focused = document.activeElement;
    return focused === document.body ? null : [getComputedStyle(focused).outlineStyle, focused.outerHTML.slice(0, 90)];
}"""


@pytest.fixture(scope="module")
def running(gait: Site, finished: str, double: OllamaDouble) -> Iterator[str]:
    """Yield the id of a session that runs and gets no further; nothing else is measured meanwhile."""
    assert finished
    with double.slots:
        body = {"models": ["tiny:latest"], "testTypes": ["decode", "ttft"], "host": "double"}
        session_id = gait.client.submit_one(body)
        yield session_id
        gait.client.cancel(session_id)


@pytest.fixture(scope="module")
def names(finished: str, running: str, nights: list[str]) -> dict[str, str]:
    return {"finished": finished, "running": running, "first": nights[0], "last": nights[-1]}


@pytest.fixture(scope="module")
def checked(browser: Browser, gait: Site) -> Iterator[BrowserContext]:
    """Yield a context into whose pages axe may be injected, with a tab that stays, as in `context`."""
    context = browser.new_context(color_scheme="light", bypass_csp=True, viewport=WIDE)
    context.set_default_timeout(TIMEOUT_MS)
    context.new_page().goto(f"{gait.url}/healthz")
    yield context
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_everybody(checked: BrowserContext, gait: Site, names: dict[str, str], path: str) -> None:
    page = checked.new_page()
    page.goto(gait.url + path.format(**names))
    page.locator(PAGES[path]).first.wait_for()
    assert_the_keyboard_reaches_the_content_past_the_menu_and_is_seen(page)
    assert_it_is_no_wider_than_the_window(page)
    assert_axe_finds_nothing_with_all_open_wide_and_light_or_narrow_and_dark(page)
    page.close()


def test_no_page_is_left_out() -> None:
    paths = {path.partition("?")[0] for path in PAGES}
    assert {re.sub(r"{\w+}", "<uuid:session_id>", path) for path in paths} == ROUTES


def assert_the_keyboard_reaches_the_content_past_the_menu_and_is_seen(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    seen = []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(OUTLINE)
        if focused is None:
            break
        seen.append(focused)
    assert seen
    assert not [element for style, element in seen if style == "none" and 'type="date"' not in element]


def assert_it_is_no_wider_than_the_window(page: Page) -> None:
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        page.wait_for_function("(width) => document.documentElement.scrollWidth <= width", arg=size["width"])


def assert_axe_finds_nothing_with_all_open_wide_and_light_or_narrow_and_dark(page: Page) -> None:
    page.set_viewport_size(TALL)
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    light = Axe().run(page, options=ALL)
    page.set_viewport_size(TALL_NARROW)
    page.emulate_media(color_scheme="dark")
    dark = Axe().run(page, options=OF_THE_LOOK)
    assert not light.response["violations"], light.generate_report()
    assert not dark.response["violations"], dark.generate_report()


def test_the_reference_of_the_api_is_for_everybody(checked: BrowserContext, gait: Site) -> None:
    page = checked.new_page()
    page.goto(f"{gait.url}/docs/#/models/listModels")
    page.locator(".responses-table").first.wait_for()
    page.emulate_media(color_scheme="dark")
    found = Axe().run(page, options=OF_SWAGGER)
    assert not found.response["violations"], found.generate_report()
    page.close()


def test_what_is_known_can_be_read_without_scripts(browser: Browser, gait: Site, names: dict[str, str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{gait.url}/sessions/{names['finished']}")
    expect(page.locator("#results")).to_contain_text("tok/s")
    expect(page.locator("#results")).to_contain_text("does not think")
    page.goto(f"{gait.url}/sessions/{names['running']}")
    expect(page.locator("#live")).to_contain_text("0 of 2 tests")
    expect(page.locator("#overview")).to_be_hidden()  # nothing has a number yet
    page.goto(f"{gait.url}/?search=finished")
    expect(page.get_by_role("link", name="finished", exact=True)).to_be_visible()
    page.goto(f"{gait.url}/compare?session={names['first']}&session={names['last']}")
    expect(page.locator(".compared").first).to_contain_text("slower")
    page.goto(f"{gait.url}/history?model=night:latest&testType=decode")
    expect(page.get_by_role("link", name="night 15")).to_be_visible()
    page.goto(f"{gait.url}/machines/one?host=local")
    expect(page.locator(".questions")).to_contain_text("models fit in")
    context.close()
