"""A fault in something that all workers share, while sessions run and wait."""

from collections.abc import Callable

from rich.console import Console

from bench.fault_injection.setup import FaultSetup, claim_to, fault_setup, has_ended
from common.store.database import database
from testbed.waiting import until

AWAY_S = 10
HOSTS = 2
SESSIONS = 6
WORKERS = 3

Fault = Callable[[FaultSetup], object]


def inject(
    what: str, fault: Fault, console: Console, timeout_s: float, database_url: str | None = None
) -> dict[str, str]:
    """Inject the fault, wait until all sessions have ended, and return the results. The URL is as in fault_setup."""
    with fault_setup(HOSTS, SESSIONS, database_url) as setup:
        sessions = [setup.submit(number, f"host{number % HOSTS}") for number in range(SESSIONS)]
        setup.start_workers(WORKERS)
        until(lambda: any(claim_to(session) for session in sessions), "a session to run")
        fault(setup)
        database.close()  # the fault may have closed its connection
        database.connect()
        console.print(f"  {what}: {SESSIONS - sum(map(has_ended, sessions))} sessions were running or waiting")
        setup.until_ended(sessions, timeout_s)
        return setup.results(sessions)
