"""`python -m bench.fault_injection`: inject faults into Gait's parts, and print what survived."""

import argparse
import time
from collections.abc import Callable

from rich.console import Console

from bench.fault_injection import api, ollama, postgresql, redis, sampler, sqlite, workers

COLUMNS = ("sessions completed", "every run stored once", "requests of two sessions on a host at once", "details")
Results = dict[str, dict[str, str]]
"""Cells of a table, by fault and column."""
PARTS: dict[str, Callable[[Console], Results]] = {
    "redis": redis.inject_faults,
    "database": sqlite.inject_faults,
    "postgresql": postgresql.inject_faults,
    "sampler": sampler.inject_faults,
    "api": api.inject_faults,
}
"""The parts without arguments. The workers take a number of sessions and a seed, and Ollama has its own table."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sessions", type=int, default=50, help="number of sessions whose worker is hit")
    arguments.add_argument("--seed", type=int, default=time.time_ns(), help="seed of the moments and faults")
    names = ("workers", *PARTS, "ollama")
    arguments.add_argument("--only", choices=names, action="append", help="only this part; may be repeated")
    asked = arguments.parse_args()
    console = Console(highlight=False)
    results: Results = {}
    ollama_results: Results = {}
    for name in asked.only or names:
        console.print(f"[bold]{name}[/]")
        if name == "workers":
            results |= _workers(console, asked.sessions, asked.seed)
        elif name == "ollama":
            ollama_results = ollama.inject_faults(console)
        else:
            results |= PARTS[name](console)
    _print(results, ("fault", *COLUMNS))
    _print(ollama_results, ("fault of Ollama", *ollama.COLUMNS))


def _workers(console: Console, sessions: int, seed: int) -> Results:
    console.print(f"  {sessions} sessions, each hit once (seed {seed})")
    return {"workers, each session once": workers.inject_faults(console, sessions, seed)}


def _print(results: Results, head: tuple[str, ...]) -> None:
    """Print a Markdown table, for docs/benchmarks/fault-injection.md."""
    if not results:
        return
    rows = [head, *((fault, *map(cells.get, head[1:])) for fault, cells in results.items())]
    lines = ["| " + " | ".join(cell or "" for cell in row) + " |" for row in rows]
    print("\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n")


if __name__ == "__main__":
    main()
