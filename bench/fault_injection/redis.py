"""Redis killed and restarted, unavailable for a while, and emptied, while sessions run and wait."""

from rich.console import Console

from bench.fault_injection.outage import AWAY_S, Fault, inject

TIMEOUT_S = 300
"""After FLUSHALL it takes up to a minute and a half until the queue is rebuilt."""

FAULTS: dict[str, Fault] = {
    "Redis killed and restarted": lambda setup: setup.server.restart(away_s=0),
    f"Redis away for {AWAY_S} s": lambda setup: setup.server.restart(away_s=AWAY_S),
    "Redis FLUSHALL": lambda setup: setup.redis.flushall(),
}


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """Return the results after each fault."""
    return {name: inject(name, fault, console, TIMEOUT_S) for name, fault in FAULTS.items()}
