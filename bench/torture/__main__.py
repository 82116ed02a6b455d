"""`python -m bench.torture`: hurt Gait, and print what survived."""

import argparse
import time
from collections.abc import Callable

from rich.console import Console

from bench.torture import api_away, database_away, ollama_faults, postgresql_away, redis_away, sampler_away, workers

COLUMNS = ("sessions completed", "every run stored once", "requests of two sessions on a host at once", "details")
Found = dict[str, dict[str, str]]
PARTS: dict[str, Callable[[Console], Found]] = {
    "redis": redis_away.torture,
    "database": database_away.torture,
    "postgresql": postgresql_away.torture,
    "sampler": sampler_away.torture,
    "api": api_away.torture,
}
"""Those beside the workers, which take the number of sessions and the seed, and Ollama, with a table of its own."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sessions", type=int, default=50, help="how many sessions have their worker hit")
    arguments.add_argument("--seed", type=int, default=time.time_ns(), help="of the moments and faults")
    names = ("workers", *PARTS, "ollama")
    arguments.add_argument("--only", choices=names, action="append", help="this part alone; may repeat")
    asked = arguments.parse_args()
    console = Console(highlight=False)
    found: Found = {}
    faults: Found = {}
    for name in asked.only or names:
        console.print(f"[bold]{name}[/]")
        if name == "workers":
            found |= _workers(console, asked.sessions, asked.seed)
        elif name == "ollama":
            faults = ollama_faults.torture(console)
        else:
            found |= PARTS[name](console)
    _print(found, ("fault", *COLUMNS))
    _print(faults, ("fault of Ollama", *ollama_faults.COLUMNS))


def _workers(console: Console, sessions: int, seed: int) -> Found:
    console.print(f"  {sessions} sessions, each hit once (seed {seed})")
    return {"workers, each session once": workers.torture(console, sessions, seed)}


def _print(found: Found, head: tuple[str, ...]) -> None:
    """In Markdown, for docs/benchmarks/fault-injection.md."""
    if not found:
        return
    rows = [head, *((hurt, *map(rest.get, head[1:])) for hurt, rest in found.items())]
    lines = ["| " + " | ".join(cell or "" for cell in row) + " |" for row in rows]
    print("\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n")


if __name__ == "__main__":
    main()
