"""PostgreSQL killed, restarted and away, while sessions run and wait."""

from collections.abc import Callable
from functools import partial

from rich.console import Console

from bench.fault_injection.outage import AWAY_S, survive
from bench.fault_injection.site import Site
from testbed.postgresql import PostgreSql, postgresql_server

PATIENCE_S = 120

FAULTS: dict[str, Callable[[PostgreSql], None]] = {
    "PostgreSQL killed and restarted": PostgreSql.kill,
    "PostgreSQL restarted by its administrator": PostgreSql.restart,
    f"PostgreSQL away for {AWAY_S} s": lambda server: server.kill(away_s=AWAY_S),
}


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """What was found after each fault."""
    with postgresql_server() as server:
        return {
            name: survive(name, partial(_hurt, server, fault), console, PATIENCE_S, server.database())
            for name, fault in FAULTS.items()
        }


def _hurt(server: PostgreSql, fault: Callable[[PostgreSql], None], _place: Site) -> None:
    fault(server)
