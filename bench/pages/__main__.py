"""`python -m bench.pages [--database URL]`: speed of large pages, compared with the targets, in Markdown.

With a database, it is the speed of the pages of the fleet in it.
"""

import argparse
import os
import time

import psutil

from bench.fleet.machines import FLEET, NAMES
from bench.pages import fleet, html, interactions
from bench.pages.setup import Sizes, pages_setup
from bench.support.filled_api import filled_api
from testbed.chromium import MISSING, chromium, install


def main() -> None:
    if not install(print):
        raise SystemExit(MISSING)
    arguments = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    arguments.add_argument("--database", help="a database that `make fleet` has filled, as DATABASE_URL")
    load, database = psutil.getloadavg()[0], arguments.parse_args().database
    version = _of_fleet(database) if database else _of_sessions()
    print(f"\nChromium {version}, {os.cpu_count()} cores shared with the server. The load was {load:.2f} before.")


def _of_fleet(database: str) -> str:
    """Print the tables, and return the browser's version."""
    with filled_api(database, (machine.name for machine in FLEET), NAMES) as url:
        pages = fleet.paths(url)
        print(html.table(list(html.served(url, pages))), end="\n\n", flush=True)
        with chromium() as browser:
            print(fleet.table(url, pages, browser))
            return browser.version


def _of_sessions() -> str:
    started = time.monotonic()
    with pages_setup(Sizes()) as gait:
        print(f"{len(gait.nights) + len(gait.sessions)} sessions made in {time.monotonic() - started:.0f} s.\n")
        print(html.table(list(html.measure(gait))), end="\n\n")
        with chromium() as browser:
            form, sessions = interactions.split(interactions.rows(gait, browser))
            print(interactions.table(form), interactions.table(sessions), sep="\n\n")
            return browser.version


if __name__ == "__main__":
    main()
