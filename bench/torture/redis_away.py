"""Redis killed and started again, away for a while, and emptied, while sessions run and wait."""

from collections.abc import Callable

from rich.console import Console

from bench.torture.site import Site, claim_to, has_ended, site
from tests.support.waiting import until

HOSTS = 2
SESSIONS = 6
WORKERS = 3
AWAY_S = 10
PATIENCE_S = 300


FAULTS: dict[str, Callable[[Site], object]] = {
    "killed and restarted": lambda place: place.server.restart(away_s=0),
    f"away for {AWAY_S} s": lambda place: place.server.restart(away_s=AWAY_S),
    "FLUSHALL": lambda place: place.redis.flushall(),
}


def torture(console: Console) -> dict[str, dict[str, str]]:
    """What was found after each fault."""
    return {name: _after(name, fault, console) for name, fault in FAULTS.items()}


def _after(name: str, fault: Callable[[Site], object], console: Console) -> dict[str, str]:
    with site(HOSTS, SESSIONS) as place:
        sessions = [place.submit(number, f"host{number % HOSTS}") for number in range(SESSIONS)]
        place.start_workers(WORKERS)
        until(lambda: any(claim_to(session) for session in sessions), "a session to run")
        fault(place)
        ended = sum(map(has_ended, sessions))
        console.print(f"  Redis {name}: {SESSIONS - ended} sessions were running or waiting")
        place.until_ended(sessions, PATIENCE_S)
        return place.found(sessions)
