"""Redis killed and restarted, unavailable or refusing writes for a while, and emptied, while sessions run and wait."""

import time

from redis import Redis
from rich.console import Console

from bench.fault_injection.outage import AWAY_S, Fault, inject
from bench.fault_injection.setup import FaultSetup
from testbed.servers.redis_states import STATES

TIMEOUT_S = 300
"""After FLUSHALL it takes up to a minute and a half until the queue is rebuilt."""

REFUSES_S = 20
"""Longer than a worker's entry in the queue lives, so that others may take over its session."""


def _refuse_writes(setup: FaultSetup, state: str) -> None:
    # Not by the setup's own client, which waits for the state to end.
    with Redis.from_url(setup.server.url) as administrator, STATES[state](administrator):
        time.sleep(REFUSES_S)


FAULTS: dict[str, Fault] = {
    "Redis killed and restarted": lambda setup: setup.server.restart(away_s=0),
    f"Redis away for {AWAY_S} s": lambda setup: setup.server.restart(away_s=AWAY_S),
    f"Redis cannot save for {REFUSES_S} s (MISCONF)": lambda setup: _refuse_writes(setup, "MISCONF"),
    f"Redis read-only for {REFUSES_S} s (READONLY)": lambda setup: _refuse_writes(setup, "READONLY"),
    "Redis FLUSHALL": lambda setup: setup.redis.flushall(),
}


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """Return the results after each fault."""
    return {name: inject(name, fault, console, TIMEOUT_S) for name, fault in FAULTS.items()}
