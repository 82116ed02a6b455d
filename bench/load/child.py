"""A module of ours in a process of its own, spoken with a line at a time."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO


@dataclass(frozen=True)
class Child:
    _to: IO[str]
    _from: IO[str]

    def say(self, line: str) -> None:
        self._to.write(line + "\n")
        self._to.flush()

    def hear(self) -> str:
        """Its next line; what it has to say to people stands on the terminal.

        Raises:
            RuntimeError: when it has ended.
        """
        line = self._from.readline()
        if not line:
            raise RuntimeError("a process of the bench has ended; what it said stands above")
        return line.rstrip("\n")


@contextmanager
def child(module: str, *arguments: object) -> Iterator[Child]:
    """Killed at the end of the block."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin is not None  # noqa: S101 - a pipe was asked for
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            yield Child(process.stdin, process.stdout)
        finally:
            process.kill()
