"""PostgreSQL killed, restarted and unavailable, while sessions run and wait."""

from collections.abc import Callable
from functools import partial

from rich.console import Console

from bench.fault_injection.outage import AWAY_S, inject
from bench.fault_injection.setup import FaultSetup
from testbed.servers.postgresql import PostgreSql, postgresql_server

TIMEOUT_S = 120

FAULTS: dict[str, Callable[[PostgreSql], None]] = {
    "PostgreSQL killed and restarted": PostgreSql.kill,
    "PostgreSQL restarted by its administrator": PostgreSql.restart,
    f"PostgreSQL away for {AWAY_S} s": lambda server: server.kill(away_s=AWAY_S),
}


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """Return the results after each fault."""
    with postgresql_server() as server:
        return {
            name: inject(name, partial(_apply, server, fault), console, TIMEOUT_S, server.database())
            for name, fault in FAULTS.items()
        }


def _apply(server: PostgreSql, fault: Callable[[PostgreSql], None], _: FaultSetup) -> None:
    fault(server)
