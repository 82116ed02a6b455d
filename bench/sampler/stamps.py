"""The times at which a recorder began each reading and stored it in Redis, written to a file at its end.

It prints a line at its first reading, as recorders without stamps do at each.
"""

import json
import os
import signal
import time
from pathlib import Path

FILE = "BENCH_STAMPS"
"""Environment variable that names the file."""


class Stamps:
    """Pairs of times in seconds of the monotonic clock. `wanted` is set when SIGTERM arrives."""

    def __init__(self) -> None:
        self._stamps: list[list[float]] = []
        self.wanted = False
        signal.signal(signal.SIGTERM, self._want)

    def begin(self) -> None:
        if not self._stamps:
            print("reading", flush=True)
        self._stamps.append([time.monotonic()])

    def end(self) -> None:
        self._stamps[-1].append(time.monotonic())

    def write(self) -> None:
        Path(os.environ[FILE]).write_text(json.dumps(self._stamps))

    def _want(self, *_: object) -> None:
        self.wanted = True


def read(file: Path) -> list[tuple[float, float]]:
    return [(pair[0], pair[1]) for pair in json.loads(file.read_text()) if len(pair) > 1]
