"""Child processes that never outlive this process, however it ends."""

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
from common.parent_process import die_with

Process = subprocess.Popen[bytes]

STOP_TIMEOUT_S = 10
LAST_LINES = 15
POLL_S = 0.05


class CannotStart(GaitError):
    """A part of the stack cannot start; the message is for the person at the terminal."""


def start(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, *, at_our_death: int
) -> Process:
    """Start `command` in its own process group, with its output in the file `log`.

    If this process is killed with -9, the kernel (on Linux) sends the command the signal `at_our_death`. This is
    SIGTERM for servers with files or children to clean up, and SIGKILL for all others.
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
            preexec_fn=functools.partial(die_with, os.getpid(), at_our_death),  # noqa: PLW1509 - no thread runs yet, and nothing else can set this signal
        )


def stop(*processes: Process) -> None:
    """Ask all processes to stop at once. After STOP_TIMEOUT_S, kill what is left in their groups."""
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
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, *, ready: Callable[[], bool]
) -> Iterator[Process]:
    """Run a server of the stack. The block starts when it is ready, and the server stops at its end."""
    process = start(command, log, environment, at_our_death=signal.SIGTERM)
    try:
        wait_until(ready, {log: process})
        yield process
    finally:
        stop(process)


def wait_until(ready: Callable[[], bool], processes: Mapping[Path, Process], seconds: float = 60) -> None:
    """Wait until `ready()` while the `processes` (by their log files) run.

    Raises:
        CannotStart: if one of them exits, with the end of its log, or after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        check(processes)
        if time.monotonic() > deadline:
            raise CannotStart(
                f"The stack was not ready after {seconds:.0f} s. The logs are in {next(iter(processes)).parent}/."
            )
        time.sleep(POLL_S)


def check(processes: Mapping[Path, Process]) -> None:
    """Raise CannotStart, with the end of its log, if one of the processes has exited."""
    for log, process in processes.items():
        if process.poll() is not None:
            lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
            ending = f"{log.stem} has stopped (exit {process.returncode}). The end of its log, {log}:"
            raise CannotStart("\n".join([ending, *(f"  {line}" for line in lines)]))


def _signal(process: Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
