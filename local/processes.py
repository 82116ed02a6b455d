"""Child processes that never outlive us, however we end."""

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

PATIENCE_S = 10
LAST_LINES = 15
POLL_S = 0.05


class CannotStart(GaitError):
    """A sentence for the person in front of the terminal."""


def start(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, *, at_our_death: int
) -> Process:
    """Start `command` in a process group of its own, its output in the file `log`.

    Should we be killed -9, the kernel (Linux's) sends it the signal `at_our_death`: SIGTERM to servers that have files
    or children of their own to tidy up, SIGKILL to all others.
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
    """Ask all to stop, together; after a while kill what is left in their groups."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_S
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
    """A server of the stack, from when it is ready until the block ends."""
    process = start(command, log, environment, at_our_death=signal.SIGTERM)
    try:
        wait_until(ready, {log: process})
        yield process
    finally:
        stop(process)


def wait_until(ready: Callable[[], bool], processes: Mapping[Path, Process], seconds: float = 60) -> None:
    """Wait for `ready`, while the `processes` (by their log files) run.

    Raises:
        CannotStart: with the end of a log, if one of them exits or the time is over.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        check(processes)
        if time.monotonic() > deadline:
            raise CannotStart(f"Not ready after {seconds:.0f} s; the logs are in {next(iter(processes)).parent}/")
        time.sleep(POLL_S)


def check(processes: Mapping[Path, Process]) -> None:
    """Raise CannotStart, with the end of its log, if one of the processes has exited."""
    for log, process in processes.items():
        if process.poll() is not None:
            said = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
            ending = f"{log.stem} has stopped (exit {process.returncode}); its last words, from {log}:"
            raise CannotStart("\n".join([ending, *(f"  {line}" for line in said)]))


def _signal(process: Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
