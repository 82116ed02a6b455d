"""One fault of what all workers share, while sessions run and wait."""

from collections.abc import Callable

from rich.console import Console

from bench.fault_injection.site import Site, claim_to, has_ended, site
from common.store.database import database
from testbed.waiting import until

AWAY_S = 10
HOSTS = 2
SESSIONS = 6
WORKERS = 3

Fault = Callable[[Site], object]


def survive(
    what: str, fault: Fault, console: Console, patience_s: float, database_url: str | None = None
) -> dict[str, str]:
    """What was found after it, once all have ended, within `patience_s`; `database_url` is as for a site."""
    with site(HOSTS, SESSIONS, database_url) as place:
        sessions = [place.submit(number, f"host{number % HOSTS}") for number in range(SESSIONS)]
        place.start_workers(WORKERS)
        until(lambda: any(claim_to(session) for session in sessions), "a session to run")
        fault(place)
        database.close()  # its connection may have died of the fault
        database.connect()
        console.print(f"  {what}: {SESSIONS - sum(map(has_ended, sessions))} sessions were running or waiting")
        place.until_ended(sessions, patience_s)
        return place.found(sessions)
