"""`python -m bench.torture`: hurt Gait, and print what survived."""

import argparse
import time
from collections.abc import Callable

from rich.console import Console

from bench.torture import api_away, database_away, postgresql_away, redis_away, sampler_away, workers

COLUMNS = ("sessions completed", "every run there, once", "requests of two sessions on a host at once", "beside that")
Found = dict[str, dict[str, str]]
PARTS: dict[str, Callable[[Console], Found]] = {
    "redis": redis_away.torture,
    "database": database_away.torture,
    "postgresql": postgresql_away.torture,
    "sampler": sampler_away.torture,
    "api": api_away.torture,
}
"""Those beside the workers, which take the number of sessions and the seed."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sessions", type=int, default=50, help="how many sessions have their worker hit")
    arguments.add_argument("--seed", type=int, default=time.time_ns(), help="of the moments and faults")
    arguments.add_argument("--only", choices=("workers", *PARTS), action="append", help="this part alone; may repeat")
    asked = arguments.parse_args()
    console = Console(highlight=False)
    found: Found = {}
    for name in asked.only or ("workers", *PARTS):
        console.print(f"[bold]{name}[/]")
        found |= PARTS[name](console) if name in PARTS else _workers(console, asked.sessions, asked.seed)
    print(_table(found))


def _workers(console: Console, sessions: int, seed: int) -> Found:
    console.print(f"  {sessions} sessions, each hit once (seed {seed})")
    return {"workers, each session once": workers.torture(console, sessions, seed)}


def _table(found: Found) -> str:
    """In Markdown, for docs/reliability.md."""
    rows = [("what was hurt", *COLUMNS), *((hurt, *map(rest.get, COLUMNS)) for hurt, rest in found.items())]
    lines = ["| " + " | ".join(cell or "" for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


if __name__ == "__main__":
    main()
