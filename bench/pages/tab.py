"""A tab of a real Chromium, and its own timings: first paint, interactions and long tasks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, ViewportSize

OBSERVER = (Path(__file__).parent / "observer.js").read_text()
PLOTLY = "**/plotly-basic.min.js"
READINGS = "#telemetry-plot"
MIN_MS = 16.0
"""The browser does not report shorter interactions."""
IDLE = "benchSeen.idle()"


def interaction_text(took: float) -> str:
    """Return the time of an interaction, or that it is one of those that the browser does not report."""
    return f"{took:.0f} ms" if took > MIN_MS else f"≤ {MIN_MS:.0f} ms"


@dataclass(frozen=True)
class Loaded:
    """The state of a page without plotly.

    It was `ready` (its scripts had run) and `painted` after these ms. `scripts` and `bytes` count its scripts without
    plotly, and `charts` the charts drawn by then.
    """

    ready: float
    painted: float | None
    scripts: int
    bytes: int
    charts: int


@dataclass(frozen=True)
class Cost:
    """The longest task and frame in ms, and the number of tasks over 50 ms."""

    task: float
    frame: float
    tasks: int


@dataclass
class Tab:
    """One page. `held` are its waiting requests for plotly."""

    page: Page
    held: list[Route] = field(default_factory=list)

    def hold(self, route: Route) -> None:
        self.held.append(route)

    def open(self, url: str) -> Loaded:
        """Open a page and return its state without plotly, which is held until `release`."""
        self.page.goto(url, wait_until="domcontentloaded")
        self.page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
        self.page.evaluate(IDLE)
        return Loaded(**self.page.evaluate("benchSeen.loaded()"))

    def release(self) -> Cost:
        """Scroll to the readings, for which plotly loads, let it, and return the cost."""
        self.page.locator(READINGS).scroll_into_view_if_needed()

        def load() -> None:
            while self.held:
                self.held.pop().continue_()
            self.page.unroute(PLOTLY)
            self.page.wait_for_function("window.Plotly !== undefined")

        return self.during(load)

    def interaction(self, act: Callable[[], Any]) -> float:
        """Return the longest interaction of an act, in ms from the input to the next paint, at least MIN_MS."""
        self.page.evaluate(IDLE)
        return self.hurried(act)

    def hurried(self, act: Callable[[], Any]) -> float:
        """Do the same as `interaction`, without waiting for running work first."""
        self.page.evaluate("benchSeen.forget()")
        act()
        self.page.evaluate(IDLE)
        reported: list[float] = self.page.evaluate("benchSeen.interactions()")
        return max([MIN_MS, *reported])

    def during(self, act: Callable[[], Any]) -> Cost:
        """Return the browser's cost of an act, until it is idle again."""
        self.page.evaluate(IDLE)
        self.page.evaluate("benchSeen.forget()")
        act()
        self.page.evaluate(IDLE)
        tasks, frames = self.page.evaluate("benchSeen.costs()")
        return Cost(max(tasks, default=0.0), max(frames, default=0.0), len(tasks))


@contextmanager
def tab(browser: Browser, width: int = 1440) -> Iterator[Tab]:
    """Open a tab with an empty cache, in which plotly waits until `release`."""
    size: ViewportSize = {"width": width, "height": 900}
    # Playwright waits by eval, which the pages' policy forbids.
    context = browser.new_context(viewport=size, reduced_motion="reduce", bypass_csp=True)
    context.add_init_script(OBSERVER)
    opened = Tab(context.new_page())
    opened.page.route(PLOTLY, opened.hold)
    yield opened
    context.close()
