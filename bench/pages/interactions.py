"""Interactions of a person with the pages, and the time until the browser shows the result."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from bench.pages.setup import PagesSetup
from bench.pages.tab import READINGS, Cost, Loaded, Tab, interaction_text, tab


@dataclass(frozen=True)
class Row:
    """One cell of the table: the page, what was done there, the target, and the result."""

    page: str
    what: str
    wanted: str
    result: str


WANTED_MS = 100
FORM = "new session"
CHARTED = "document.querySelector('#telemetry-plot .main-svg') !== null"
STEP_PX = 700


def rows(setup: PagesSetup, browser: Browser) -> Iterator[Row]:
    yield from _form(setup, browser)
    for name, session in setup.sessions.items():
        yield from _session(f"{setup.url}/sessions/{session}", name, browser)


def _form(setup: PagesSetup, browser: Browser) -> Iterator[Row]:
    with tab(browser) as opened:
        yield from _loaded(FORM, opened.open(f"{setup.url}/new"))
        page = opened.page
        page.wait_for_selector("[name=models]")
        yield _quick(FORM, "a model ticked", opened.interaction(page.locator("[name=models]").first.click))
        yield _quick(FORM, "all test types ticked", opened.interaction(page.locator("[data-all]").click))
        yield _quick(FORM, "options opened", opened.interaction(page.locator(".choice summary").first.click))
        field = page.locator("[data-option=outputTokens]").first
        field.click()
        typed = opened.interaction(lambda: field.press_sequentially("256"))
        yield _quick(FORM, "a number typed, the time estimated", typed)


def _session(url: str, name: str, browser: Browser) -> Iterator[Row]:
    with tab(browser) as opened:
        yield from _loaded(name, opened.open(url))
        page = opened.page
        closed = page.locator(".test-type > details > summary")
        if closed.count():
            yield _quick(name, "details opened, plotly held back", opened.interaction(closed.last.click))
        arrived = f"{opened.release().task:.0f} ms"
        yield Row(name, "plotly arrives: longest task", "once, while idle", arrived)
        links = page.locator("#hero a[href^='#test-']")
        if links.count():
            yield _quick(name, "a jump to the last test", opened.interaction(links.last.click))
            yield _quick(name, "details opened as charts are drawn", opened.hurried(lambda: _jump(page)))
        yield _task(name, "scrolled through: longest task", opened.during(lambda: _scroll(page)))
        yield from _telemetry(name, opened)
        dark = opened.during(lambda: page.emulate_media(color_scheme="dark"))
        yield _task(name, "to the dark scheme: longest task", dark)


def _jump(page: Page) -> None:
    """Jump to a test in the middle, and open its details at once."""
    links = page.locator("#hero a[href^='#test-']")
    middle = links.nth(links.count() // 2)
    target = page.locator(middle.get_attribute("href") or "").locator("summary").first
    middle.click()
    target.click()


def _scroll(page: Page) -> None:
    page.evaluate("() => scrollTo(0, 0)")
    page.mouse.move(700, 450)
    for _ in range(page.evaluate("() => document.documentElement.scrollHeight") // STEP_PX + 1):
        page.mouse.wheel(0, STEP_PX)
        page.evaluate("() => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve, 60)); })")


def _telemetry(name: str, opened: Tab) -> Iterator[Row]:
    page = opened.page
    page.locator(READINGS).scroll_into_view_if_needed()
    page.wait_for_function(CHARTED)
    closer = opened.interaction(page.locator("[data-zoom=in]").click)
    yield _quick(name, "readings zoomed by a button", closer)
    box = page.locator(READINGS).bounding_box()
    if box:
        dragged = opened.interaction(lambda: _drag(page, box["x"], box["width"], box["y"]))
        yield _quick(name, "readings zoomed by a drag", dragged)


def _drag(page: Page, x: float, width: float, y: float) -> None:
    page.mouse.move(x + 0.3 * width, y + 100)
    page.mouse.down()
    page.mouse.move(x + 0.6 * width, y + 100, steps=8)
    page.mouse.up()


def _loaded(name: str, loaded: Loaded) -> Iterator[Row]:
    yield Row(name, "painted, plotly held back", "", "not" if loaded.painted is None else f"{loaded.painted:.0f} ms")
    yield Row(name, "scripts have run, plotly held back", "", f"{loaded.ready:.0f} ms")
    yield Row(name, "charts by then", "0", str(loaded.charts))
    yield Row(name, "scripts without plotly", "", f"{loaded.scripts}, {loaded.bytes / 1000:.0f} kB")


def _quick(name: str, what: str, took: float) -> Row:
    return Row(name, what, f"< {WANTED_MS} ms", interaction_text(took))


def _task(name: str, what: str, cost: Cost) -> Row:
    return Row(name, what, f"< {WANTED_MS} ms", f"{cost.task:.0f} ms, {cost.tasks} over 50 ms")


def split(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Split the rows into those of the form and those of sessions."""
    known = list(rows)
    return [row for row in known if row.page == FORM], [row for row in known if row.page != FORM]


def table(rows: Iterable[Row]) -> str:
    """Format a table in Markdown with a column for each page."""
    known = list(rows)
    pages = list(dict.fromkeys(row.page for row in known))
    found = {(row.page, row.what): row.result for row in known}
    wanted = {row.what: row.wanted for row in known}
    lines = [(what, target, *(found.get((page, what), "") for page in pages)) for what, target in wanted.items()]
    head = ("what", "wanted", *pages)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ("---",) * len(head), *lines])
