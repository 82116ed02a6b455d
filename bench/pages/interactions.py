"""What a person does on the pages, and how long the browser takes to show it."""

from collections.abc import Iterator

from playwright.sync_api import Browser, Page

from bench.pages.site import Site
from bench.pages.tab import LEAST_MS, Cost, Loaded, Tab, tab

Row = tuple[str, str, str]
"""What, wanted, seen."""

WANTED_MS = 100
DRAWN = "[...document.querySelectorAll('[data-figure]')].filter((plot) => plot.querySelector('.main-svg')).length"
CHARTED = "document.querySelector('#telemetry-plot .main-svg') !== null"
STEP_PX = 700


def rows(site: Site, browser: Browser) -> Iterator[Row]:
    yield from _form(site, browser)
    for name, session in site.sessions.items():
        yield from _session(f"{site.url}/sessions/{session}", name, browser)


def _form(site: Site, browser: Browser) -> Iterator[Row]:
    with tab(browser) as opened:
        loaded = opened.open(f"{site.url}/new")
        page = opened.page
        page.wait_for_selector("[name=models]")
        yield _usable("new session", loaded)
        yield _quick("new session: a model ticked", opened.interaction(page.locator("[name=models]").first.click))
        yield _quick("new session: all test types ticked", opened.interaction(page.locator("[data-all]").click))
        yield _quick("new session: options opened", opened.interaction(page.locator(".choice summary").first.click))
        field = page.locator("[data-option=outputTokens]").first
        field.click()
        yield _quick(
            "new session: a number typed, estimated", opened.interaction(lambda: field.press_sequentially("256"))
        )


def _session(url: str, name: str, browser: Browser) -> Iterator[Row]:
    with tab(browser) as opened:
        loaded, page = opened.open(url), opened.page
        yield _usable(name, loaded)
        closed = page.locator(".of-type > details > summary")
        if closed.count():
            yield _quick(f"{name}: details opened, before plotly is there", opened.interaction(closed.last.click))
        what, _, seen = _task(f"{name}: plotly arrives and draws", opened.release())
        yield what, "once, while nobody acts", seen
        links = page.locator("#overview a[href^='#test-']")
        if links.count():
            yield _quick(f"{name}: a jump to the last test", opened.interaction(links.last.click))
            yield _quick(f"{name}: details opened as charts are drawn", opened.hurried(lambda: _jump(page)))
        yield _scrolled(name, opened)
        yield from _telemetry(name, opened)
        yield _task(f"{name}: to the dark scheme", opened.during(lambda: page.emulate_media(color_scheme="dark")))


def _jump(page: Page) -> None:
    """To a test in the middle, and at once open what is there."""
    links = page.locator("#overview a[href^='#test-']")
    middle = links.nth(links.count() // 2)
    target = page.locator(middle.get_attribute("href") or "").locator("summary").first
    middle.click()
    target.click()


def _scrolled(name: str, opened: Tab) -> Row:
    page = opened.page
    page.evaluate("() => scrollTo(0, 0)")

    def scroll() -> None:
        page.mouse.move(700, 450)
        for _ in range(page.evaluate("() => document.documentElement.scrollHeight") // STEP_PX + 1):
            page.mouse.wheel(0, STEP_PX)
            page.evaluate("() => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve, 60)); })")

    cost = opened.during(scroll)
    what, wanted, seen = _task(f"{name}: scrolled through", cost)
    return what, wanted, f"{seen}, {page.evaluate(DRAWN)} charts drawn"


def _telemetry(name: str, opened: Tab) -> Iterator[Row]:
    page = opened.page
    page.locator("#telemetry-plot").scroll_into_view_if_needed()
    page.wait_for_function(CHARTED)
    yield _quick(f"{name}: readings zoomed by a button", opened.interaction(page.locator("[data-zoom=in]").click))
    box = page.locator("#telemetry-plot").bounding_box()
    if box:
        yield _quick(
            f"{name}: readings zoomed by a drag",
            opened.interaction(lambda: _drag(page, box["x"], box["width"], box["y"])),
        )


def _drag(page: Page, x: float, width: float, y: float) -> None:
    page.mouse.move(x + 0.3 * width, y + 100)
    page.mouse.down()
    page.mouse.move(x + 0.6 * width, y + 100, steps=8)
    page.mouse.up()


def _usable(name: str, loaded: Loaded) -> Row:
    painted = "not" if loaded.painted is None else f"after {loaded.painted:.0f} ms"
    scripts = f"{loaded.scripts} scripts of {loaded.bytes / 1000:.0f} kB"
    seen = f"painted {painted}, ready after {loaded.ready:.0f} ms, {scripts}, {loaded.charts} charts"
    return f"{name}: usable without plotly", "yes", seen


def _quick(what: str, took: float) -> Row:
    return what, f"< {WANTED_MS} ms", f"{took:.0f} ms" if took > LEAST_MS else f"≤ {LEAST_MS:.0f} ms"


def _task(what: str, cost: Cost) -> Row:
    return (
        what,
        f"no task over {WANTED_MS} ms",
        f"longest {cost.task:.0f} ms (frame {cost.frame:.0f} ms), {cost.tasks} over 50 ms",
    )
