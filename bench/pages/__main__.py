"""`python -m bench.pages`: speed of large pages, compared with the targets, in Markdown."""

import os
import time

import psutil

from bench.pages import html, interactions
from bench.pages.setup import Sizes, pages_setup
from testbed.chromium import MISSING, chromium, install


def main() -> None:
    if not install(print):
        raise SystemExit(MISSING)
    load, started = psutil.getloadavg()[0], time.monotonic()
    with pages_setup(Sizes()) as gait:
        print(f"{len(gait.nights) + len(gait.sessions)} sessions made in {time.monotonic() - started:.0f} s.\n")
        print(html.table(list(html.measure(gait))), end="\n\n")
        with chromium() as browser:
            form, sessions = interactions.split(interactions.rows(gait, browser))
            print(interactions.table(form), interactions.table(sessions), sep="\n\n")
            version = browser.version
    print(f"\nChromium {version}, {os.cpu_count()} cores shared with the server. The load was {load:.2f} before.")


if __name__ == "__main__":
    main()
