"""A module of Gait in its own process, which exchanges lines with this one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO


@dataclass(frozen=True)
class Child:
    """A process with its standard input and output."""

    _to: IO[str]
    _from: IO[str]

    def send(self, line: str) -> None:
        self._to.write(line + "\n")
        self._to.flush()

    def receive(self) -> str:
        """Return its next line. Its error messages appear on the terminal.

        Raises:
            RuntimeError: the process has ended.
        """
        line = self._from.readline()
        if not line:
            raise RuntimeError("a process of the benchmark has ended; its messages are above")
        return line.rstrip("\n")


@contextmanager
def child(module: str, *arguments: object) -> Iterator[Child]:
    """Run a module, and kill it at the end of the block."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin is not None  # noqa: S101 - a pipe was asked for
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            yield Child(process.stdin, process.stdout)
        finally:
            process.kill()
