"""`python -m bench.load`: many WebSocket clients, submissions and waits, compared with the targets, in Markdown."""

import argparse
import os

import psutil

from bench.load import sockets, submissions, waits


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--readers", type=int, default=sockets.READERS, help="number of WebSocket clients that read")
    arguments.add_argument("--seconds", type=float, default=sockets.SECONDS, help="how long they read")
    arguments.add_argument("--submissions", type=int, default=submissions.COUNT, help="number of sessions to submit")
    arguments.add_argument("--waits", action="store_true", help="only what waits: pool, lock, unread export")
    asked = arguments.parse_args()
    load = psutil.getloadavg()[0]
    rows: list[tuple[str, str, str]] = []
    if not asked.waits:
        for path in sockets.PATHS:
            rows += sockets.rows(sockets.measure(path, asked.readers, seconds=asked.seconds))
        rows += submissions.rows(submissions.measure(asked.submissions))
    for measure in waits.MEASUREMENTS:
        rows += measure()
    print(_table(rows))
    print(f"\n{os.cpu_count()} cores shared with the clients. The machine's load was {load:.2f} before.")


def _table(rows: list[tuple[str, str, str]]) -> str:
    """Format the rows in Markdown, for docs/benchmarks/load.md."""
    lines = ["| " + " | ".join(row) + " |" for row in [("what", "wanted", "measured"), *rows]]
    return "\n".join([lines[0], "|---|---|---|", *lines[1:]])


if __name__ == "__main__":
    main()
