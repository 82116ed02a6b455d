"""A real Chromium, driven by Playwright: the machine's own, else the one that Playwright installs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, Error, sync_playwright

from testbed import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "Chromium was not found. Install it (on Debian and Ubuntu: apt install chromium)."
LOG = ROOT / "var" / "log" / "chromium.log"
PLAYWRIGHT = (sys.executable, "-m", "playwright", "install", "chromium")
DISTRIBUTION = (
    ("apt-get", "update", "-q"),
    ("apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"),
)
SWITCHES = (
    "--no-sandbox",  # containers and root cannot have one, and the pages are our own
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--process-per-site",  # tabs share what is compiled
)


def path() -> str | None:
    """Return where this machine's own Chromium is, or None if there is none on PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser. Raises playwright's Error if there is none, or if it does not start."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=SWITCHES)
        yield browser
        browser.close()


def is_available() -> bool:
    """Return whether a Chromium works. One that Playwright installed may lack libraries, so it is started."""
    if path():
        return True
    try:
        with chromium():
            return True
    except Error:
        return False


def install(say: Callable[[str], None]) -> bool:
    """Install a Chromium if there is none. Return whether one works afterwards.

    Playwright's own is tried first, then the distribution's package if this is root on Debian or Ubuntu.
    """
    if is_available():
        return True
    say(f"Chromium was not found and is installed once. About 200 MB are downloaded; the log is {LOG}.")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.unlink(missing_ok=True)
    if _succeed([PLAYWRIGHT]) and is_available():
        return True
    may_install = os.geteuid() == 0 and shutil.which("apt-get")
    return bool(may_install) and _succeed(DISTRIBUTION) and is_available()


def _succeed(commands: Sequence[Sequence[str]]) -> bool:
    """Run the commands, their output in LOG, until one fails."""
    with LOG.open("ab") as log:
        return all(subprocess.run(words, stdout=log, stderr=log, check=False).returncode == 0 for words in commands)
