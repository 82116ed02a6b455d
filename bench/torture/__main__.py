"""`python -m bench.torture`: hurt Gait, and print what survived."""

import argparse
import time

from rich.console import Console
from rich.table import Table

from bench.torture import database_away, redis_away, workers


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sessions", type=int, default=50, help="how many sessions have their worker hit")
    arguments.add_argument("--seed", type=int, default=time.time_ns(), help="of the moments and faults")
    asked = arguments.parse_args()
    console = Console(highlight=False)
    console.print(f"Workers: {asked.sessions} sessions, each hit once (seed {asked.seed})")
    _show(console, "workers", workers.torture(console, asked.sessions, asked.seed))
    console.print("Redis: killed, away, emptied")
    for fault, found in redis_away.torture(console).items():
        _show(console, f"Redis {fault}", found)
    console.print("The database: locked, and its disk full")
    for fault, found in database_away.torture(console).items():
        _show(console, f"database {fault}", found)


def _show(console: Console, title: str, found: dict[str, str]) -> None:
    table = Table(title, "")
    for what, value in found.items():
        table.add_row(what, value)
    console.print(table)


if __name__ == "__main__":
    main()
