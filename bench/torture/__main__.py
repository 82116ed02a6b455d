"""`python -m bench.torture`: hurt Gait, and print what survived."""

import argparse
import time

from rich.console import Console

from bench.torture import database_away, ollama_faults, redis_away, workers

COLUMNS = ("sessions completed", "every run there, once", "requests of two sessions on a host at once", "takeover")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sessions", type=int, default=50, help="how many sessions have their worker hit")
    arguments.add_argument("--seed", type=int, default=time.time_ns(), help="of the moments and faults")
    asked = arguments.parse_args()
    console = Console(highlight=False)
    console.print(f"Workers: {asked.sessions} sessions, each hit once (seed {asked.seed})")
    found = {"workers, each session once": workers.torture(console, asked.sessions, asked.seed)}
    console.print("Redis: killed, away, emptied")
    found |= redis_away.torture(console)
    console.print("The database: locked, and its disk full")
    found |= database_away.torture(console)
    console.print("Ollama: each fault in the middle of a session, once, and until a test gives up")
    faults = ollama_faults.torture(console)
    print(_table(found, ("what was hurt", *COLUMNS)))
    print(_table(faults, ("fault of Ollama", *ollama_faults.COLUMNS)))


def _table(found: dict[str, dict[str, str]], head: tuple[str, ...]) -> str:
    """In Markdown, for docs/reliability.md."""
    rows = [head, *((hurt, *map(rest.get, head[1:])) for hurt, rest in found.items())]
    lines = ["| " + " | ".join(cell or "" for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


if __name__ == "__main__":
    main()
