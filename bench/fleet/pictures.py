"""`python -m bench.fleet.pictures`: pictures of the pages, from the database of `make fleet`.

It makes the database if there is none.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

from rich.console import Console

from bench.fleet.__main__ import DATABASE, FOLDER, fill
from bench.fleet.nights import NIGHTS
from bench.fleet.served import ServedFleet, served_fleet
from testbed import ROOT
from testbed.chromium import MISSING, chromium, install
from testbed.screenshots.taking import take_screenshots

MODEL, MACHINE, OTHER = "qwen3:8b", "desk", "server"


def main() -> None:
    console = Console(highlight=False)
    if not install(print):
        raise SystemExit(MISSING)
    if not DATABASE.exists():
        console.print("Measuring the fleet, which takes 10 minutes")
        FOLDER.mkdir(parents=True, exist_ok=True)
        fill(f"sqlite:///{DATABASE}", NIGHTS)
    with served_fleet(DATABASE) as fleet, chromium() as browser:
        for name, address in _pages(fleet):
            fleet.refresh()
            for file in take_screenshots(browser, name, fleet.url + address):
                console.print(f"  {file.relative_to(ROOT)}")


def _pages(fleet: ServedFleet) -> Iterator[tuple[str, str]]:
    """Yield each page as (name, address)."""
    thorough, earlier = _sessions(fleet, "everything", MACHINE)[:2]
    elsewhere = _sessions(fleet, "everything", OTHER)[0]
    [running] = [each["session"]["id"] for each in fleet.client.get("/hosts")["hosts"] if each["name"] == MACHINE]
    yield "running", f"/sessions/{running}"
    yield "home", "/"
    yield "models", "/models"
    yield "model", f"/models/one?{urlencode({'model': MODEL, 'host': MACHINE})}"
    yield "machine", f"/machines/one?{urlencode({'host': MACHINE})}"
    yield "machines", "/machines"
    yield "session", f"/sessions/{thorough}"
    yield "compare", f"/compare?{urlencode({'session': [earlier, thorough, elsewhere]}, doseq=True)}"
    yield "history", f"/history?{urlencode({'model': MODEL, 'testType': 'decode', 'host': MACHINE})}"
    yield "new", f"/new?{urlencode({'host': MACHINE, 'model': MODEL})}"


def _sessions(fleet: ServedFleet, tag: str, host: str) -> list[str]:
    """Return the ids of the sessions with a tag on a machine, the newest first."""
    found = fleet.client.get("/test-sessions", tags=tag, host=host, results=False, limit=10)["sessions"]
    return [each["id"] for each in found]


if __name__ == "__main__":
    main()
