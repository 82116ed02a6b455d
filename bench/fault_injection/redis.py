"""Redis killed and started again, away for a while, and emptied, while sessions run and wait."""

from rich.console import Console

from bench.fault_injection.outage import AWAY_S, Fault, survive

PATIENCE_S = 300
"""An emptied one takes up to a minute and a half until the queue is made anew."""

FAULTS: dict[str, Fault] = {
    "Redis killed and restarted": lambda place: place.server.restart(away_s=0),
    f"Redis away for {AWAY_S} s": lambda place: place.server.restart(away_s=AWAY_S),
    "Redis FLUSHALL": lambda place: place.redis.flushall(),
}


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """What was found after each fault."""
    return {name: survive(name, fault, console, PATIENCE_S) for name, fault in FAULTS.items()}
