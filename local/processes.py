"""Child processes that end with this process, even if it is killed."""

import contextlib
import functools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from common.errors import GaitError
from common.process.parent_process import set_parent_death_signal
from common.values.escaped import escaped

Process = subprocess.Popen[bytes]
Why = Callable[[], str | None]
"""Returns a sentence that says what is not ready, and what to do. None if it is unknown."""

STOP_TIMEOUT_S = 10
LAST_LINES = 15
POLL_S = 0.05


class CannotStart(GaitError):
    """A part of the stack cannot start. The message is for the person at the terminal."""


def start(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, *, parent_death_signal: int
) -> Process:
    """Start `command` in a process group of its own, with its output in the file `log`.

    If this process is killed, Linux sends the child `parent_death_signal`: SIGTERM for servers that have files or
    children of their own to clean up, SIGKILL for all others.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=functools.partial(set_parent_death_signal, os.getpid(), parent_death_signal),  # noqa: PLW1509 - no thread runs yet, and only the child itself can set this signal
        )


def stop(*processes: Process) -> None:
    """Stop all processes together, and kill what is left of their groups after STOP_TIMEOUT_S."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0, deadline - time.monotonic()))
    for process in processes:
        _signal(process, signal.SIGKILL)
        process.wait()


@contextmanager
def server(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    *,
    ready: Callable[[], bool],
    why: Why = lambda: None,
) -> Iterator[Process]:
    """Start a server, wait until it is ready, and stop it when the block ends."""
    process = start(command, log, environment, parent_death_signal=signal.SIGTERM)
    try:
        wait_until(ready, {log: process}, why=why)
        yield process
    finally:
        stop(process)


def wait_until(
    ready: Callable[[], bool], processes: Mapping[Path, Process], seconds: float = 60, why: Why = lambda: None
) -> None:
    """Wait until `ready()`, while the `processes` (by their log files) run.

    Raises:
        CannotStart: if one of them exits, with the end of its log, or if it takes longer than `seconds`, with what
            `why` returns.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        check(processes)
        if time.monotonic() > deadline:
            reason = why()
            failure = f"Not ready after {seconds:.0f} s." + (f" {reason}" if reason else "")
            raise CannotStart(f"{failure} The logs are in {next(iter(processes)).parent}/.")
        time.sleep(POLL_S)


def check(processes: Mapping[Path, Process]) -> None:
    """Raise CannotStart, with the end of its log, if one of the processes has exited."""
    for log, process in processes.items():
        if process.poll() is not None:
            lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
            failure = f"{log.stem} has stopped (exit {process.returncode}). The end of {log}:"
            raise CannotStart("\n".join([failure, *(f"  {escaped(line)}" for line in lines)]))


def _signal(process: Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
