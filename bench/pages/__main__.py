"""`python -m bench.pages`: how quick the pages are with much to show, beside what they should be, in Markdown."""

import os
import time
from collections.abc import Iterable

import psutil

from bench.pages import html, interactions
from bench.pages.site import Sizes, site
from tests.support.chromium import MISSING, chromium, path


def main() -> None:
    if path() is None:
        raise SystemExit(MISSING)
    load, started = psutil.getloadavg()[0], time.monotonic()
    with site(Sizes()) as gait:
        print(f"{len(gait.nights) + len(gait.sessions)} sessions made in {time.monotonic() - started:.0f} s.\n")
        print(html.table(list(html.measure(gait))), end="\n\n")
        with chromium() as browser:
            print(table(interactions.rows(gait, browser)))
            version = browser.version
    print(f"\nChromium {version}, {os.cpu_count()} cores shared with the server; the load was {load:.2f} before.")


def table(rows: Iterable[interactions.Row]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [("what", "wanted", "seen"), ("---",) * 3, *rows])


if __name__ == "__main__":
    main()
