"""Pictures of a page in both sizes and both colour schemes, and the tops that the documents show."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page

from testbed import ROOT

FOLDER = ROOT / "var" / "screenshots"
"""The folder of the whole pages."""
IMAGES = ROOT / "docs" / "images"
SIZES = {"wide": 1440, "narrow": 390}
SCHEMES = ("light", "dark")
OF_THE_FLEET = (
    "home-wide-light",
    "home-wide-dark",
    "home-narrow-light",
    "models-wide-light",
    "models-wide-dark",
    "models-narrow-dark",
    "model-wide-light",
    "model-wide-dark",
    "machine-wide-light",
    "machine-wide-dark",
    "session-wide-light",
    "session-wide-dark",
    "compare-wide-light",
    "compare-wide-dark",
    "history-wide-light",
    "history-wide-dark",
    "new-wide-light",
)
"""The documents show the tops of these pages, from the modelled fleet."""
WHILE_IT_RUNS = ("running-wide-light",)
"""This one is of a session on this machine."""
TOPS = (*OF_THE_FLEET, *WHILE_IT_RUNS)
DEMO = "demo.svg"
PICTURES = {*(f"{top}.png" for top in TOPS), DEMO}
"""All that `make screenshots` writes into docs/images."""
TOP_PX = 900


def take_screenshots(browser: Browser, name: str, url: str) -> Iterator[Path]:
    """Take the pictures of a page, and yield their files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for size, width in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(viewport={"width": width, "height": TOP_PX}, color_scheme=scheme)  # type: ignore[arg-type] # one of its literals
            page = context.new_page()
            page.goto(url)
            _wait_until_live(page)
            file = FOLDER / f"{name}-{size}-{scheme}.png"
            page.screenshot(path=file, full_page=True)
            yield file
            if file.stem in TOPS:
                top = {"x": 0, "y": 0, "width": width, "height": TOP_PX}
                page.screenshot(path=IMAGES / file.name, full_page=True, clip=top)  # type: ignore[arg-type] # a TypedDict
                yield IMAGES / file.name
            context.close()


def _wait_until_live(page: Page) -> None:
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)  # live parts show values by then
