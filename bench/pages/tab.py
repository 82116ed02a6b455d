"""A tab of a real Chromium, and what it says of itself: when it painted, how long interactions and tasks took."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, ViewportSize

OBSERVER = (Path(__file__).parent / "observer.js").read_text()
PLOTLY = "**/plotly.min.js"
LEAST_MS = 16.0
"""Interactions that are shorter are not told by the browser."""
QUIET = "benchSeen.quiet()"


@dataclass(frozen=True)
class Loaded:
    """When the page was `ready` (its scripts had run) and `painted`, in ms after it was asked for; how many `scripts`
    beside plotly of how many `bytes`; how many `charts` were drawn by then.
    """

    ready: float
    painted: float | None
    scripts: int
    bytes: int
    charts: int


@dataclass(frozen=True)
class Cost:
    """In ms: the longest task and frame, and how many tasks were over 50 ms."""

    task: float
    frame: float
    tasks: int


@dataclass
class Tab:
    """`held` are the requests for plotly that wait."""

    page: Page
    held: list[Route] = field(default_factory=list)

    def hold(self, route: Route) -> None:
        self.held.append(route)

    def open(self, url: str) -> Loaded:
        """Open a page and see how it stands without plotly, which is held until `release`."""
        self.page.goto(url, wait_until="domcontentloaded")
        self.page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
        self.page.evaluate(QUIET)
        return Loaded(**self.page.evaluate("benchSeen.loaded()"))

    def release(self) -> Cost:
        """Let plotly come, and see what that costs."""

        def come() -> None:
            while self.held:
                self.held.pop().continue_()
            self.page.unroute(PLOTLY)
            self.page.wait_for_function("window.Plotly !== undefined")

        return self.during(come)

    def interaction(self, act: Callable[[], Any]) -> float:
        """The longest interaction of an act, in ms from the input to the next paint; LEAST_MS stands for less."""
        self.page.evaluate(QUIET)
        return self.hurried(act)

    def hurried(self, act: Callable[[], Any]) -> float:
        """The same without waiting for what is still under way."""
        self.page.evaluate("benchSeen.forget()")
        act()
        self.page.evaluate(QUIET)
        told: list[float] = self.page.evaluate("benchSeen.interactions()")
        return max([LEAST_MS, *told])

    def during(self, act: Callable[[], Any]) -> Cost:
        """What an act costs the browser until all is quiet again."""
        self.page.evaluate(QUIET)
        self.page.evaluate("benchSeen.forget()")
        act()
        self.page.evaluate(QUIET)
        tasks, frames = self.page.evaluate("benchSeen.costs()")
        return Cost(max(tasks, default=0.0), max(frames, default=0.0), len(tasks))


@contextmanager
def tab(browser: Browser, width: int = 1440) -> Iterator[Tab]:
    """A new one with an empty cache, in which plotly waits until it is let in."""
    size: ViewportSize = {"width": width, "height": 900}
    # Playwright waits by eval, which the pages' policy forbids.
    context = browser.new_context(viewport=size, reduced_motion="reduce", bypass_csp=True)
    context.add_init_script(OBSERVER)
    opened = Tab(context.new_page())
    opened.page.route(PLOTLY, opened.hold)
    yield opened
    context.close()
