"""What a person does on the pages, and how long the browser takes to show it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from bench.pages.site import Site
from bench.pages.tab import LEAST_MS, Cost, Loaded, Tab, tab


@dataclass(frozen=True)
class Row:
    """`place` is the page."""

    place: str
    what: str
    wanted: str
    seen: str


WANTED_MS = 100
FORM = "new session"
DRAWN = "[...document.querySelectorAll('[data-chart]')].filter((plot) => plot.querySelector('.main-svg')).length"
CHARTS = "document.querySelectorAll('[data-chart]').length"
CHARTED = "document.querySelector('#telemetry-plot .main-svg') !== null"
STEP_PX = 700


def rows(site: Site, browser: Browser) -> Iterator[Row]:
    yield from _form(site, browser)
    for name, session in site.sessions.items():
        yield from _session(f"{site.url}/sessions/{session}", name, browser)


def _form(site: Site, browser: Browser) -> Iterator[Row]:
    with tab(browser) as opened:
        yield from _loaded(FORM, opened.open(f"{site.url}/new"))
        page = opened.page
        page.wait_for_selector("[name=models]")
        yield _quick(FORM, "a model ticked", opened.interaction(page.locator("[name=models]").first.click))
        yield _quick(FORM, "all test types ticked", opened.interaction(page.locator("[data-all]").click))
        yield _quick(FORM, "options opened", opened.interaction(page.locator(".choice summary").first.click))
        field = page.locator("[data-option=outputTokens]").first
        field.click()
        typed = opened.interaction(lambda: field.press_sequentially("256"))
        yield _quick(FORM, "a number typed, the time estimated", typed)


def _session(url: str, place: str, browser: Browser) -> Iterator[Row]:
    with tab(browser) as opened:
        yield from _loaded(place, opened.open(url))
        page = opened.page
        closed = page.locator(".test-type > details > summary")
        if closed.count():
            yield _quick(place, "details opened, plotly held back", opened.interaction(closed.last.click))
        arrived = f"{opened.release().task:.0f} ms"
        yield Row(place, "plotly arrives: longest task", "once, while idle", arrived)
        links = page.locator("#overview a[href^='#test-']")
        if links.count():
            yield _quick(place, "a jump to the last test", opened.interaction(links.last.click))
            yield _quick(place, "details opened as charts are drawn", opened.hurried(lambda: _jump(page)))
        yield _task(place, "scrolled through: longest task", opened.during(lambda: _scroll(page)))
        yield Row(place, "charts drawn by then", "all", f"{page.evaluate(DRAWN)} of {page.evaluate(CHARTS)}")
        yield from _telemetry(place, opened)
        dark = opened.during(lambda: page.emulate_media(color_scheme="dark"))
        yield _task(place, "to the dark scheme: longest task", dark)


def _jump(page: Page) -> None:
    """To a test in the middle, and at once open what is there."""
    links = page.locator("#overview a[href^='#test-']")
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


def _telemetry(place: str, opened: Tab) -> Iterator[Row]:
    page = opened.page
    page.locator("#telemetry-plot").scroll_into_view_if_needed()
    page.wait_for_function(CHARTED)
    closer = opened.interaction(page.locator("[data-zoom=in]").click)
    yield _quick(place, "readings zoomed by a button", closer)
    box = page.locator("#telemetry-plot").bounding_box()
    if box:
        dragged = opened.interaction(lambda: _drag(page, box["x"], box["width"], box["y"]))
        yield _quick(place, "readings zoomed by a drag", dragged)


def _drag(page: Page, x: float, width: float, y: float) -> None:
    page.mouse.move(x + 0.3 * width, y + 100)
    page.mouse.down()
    page.mouse.move(x + 0.6 * width, y + 100, steps=8)
    page.mouse.up()


def _loaded(place: str, loaded: Loaded) -> Iterator[Row]:
    yield Row(place, "painted, plotly held back", "", "not" if loaded.painted is None else f"{loaded.painted:.0f} ms")
    yield Row(place, "scripts have run, plotly held back", "", f"{loaded.ready:.0f} ms")
    yield Row(place, "charts by then", "0", str(loaded.charts))
    yield Row(place, "scripts without plotly", "", f"{loaded.scripts}, {loaded.bytes / 1000:.0f} kB")


def _quick(place: str, what: str, took: float) -> Row:
    return Row(place, what, f"< {WANTED_MS} ms", f"{took:.0f} ms" if took > LEAST_MS else f"≤ {LEAST_MS:.0f} ms")


def _task(place: str, what: str, cost: Cost) -> Row:
    return Row(place, what, f"< {WANTED_MS} ms", f"{cost.task:.0f} ms, {cost.tasks} over 50 ms")


def split(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Those of the form, and those of sessions."""
    known = list(rows)
    return [row for row in known if row.place == FORM], [row for row in known if row.place != FORM]


def table(rows: Iterable[Row]) -> str:
    """In Markdown: a column a page."""
    known = list(rows)
    places = list(dict.fromkeys(row.place for row in known))
    found = {(row.place, row.what): row.seen for row in known}
    wanted = {row.what: row.wanted for row in known}
    lines = [(what, told, *(found.get((place, what), "") for place in places)) for what, told in wanted.items()]
    head = ("what", "wanted", *places)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ("---",) * len(head), *lines])
