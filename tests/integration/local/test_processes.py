"""Child processes: all end with their parent, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from local.processes import CannotStart, check, start, stop, wait_until

PARENT = """
import pathlib, sys, time
from local.redis_server import redis_server
from local.stack import running_processes
from local.stop_signals import stopping

def say(text):
    if "closed" in sys.argv:
        raise OSError("the terminal has gone")

folder = pathlib.Path(sys.argv[1])
commands = dict.fromkeys(("web", "worker", "sampler"), ["sh", "-c", "test -n x || true; exec sleep 60"])
try:
    with stopping(say), redis_server(folder / "redis", folder / "redis.log"), running_processes(commands, folder, {}):
        print("up", flush=True)
        time.sleep(60)
except KeyboardInterrupt:
    sys.exit(130)
"""


@contextmanager
def parent(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """Start a parent like `make run`, and yield it with all that it has started."""
    command = [sys.executable, "-c", PARENT, str(folder), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        try:
            yield process, psutil.Process(process.pid).children(recursive=True)
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals children when their parent dies")
def test_kill_9_of_the_parent_leaves_no_process(tmp_path: Path) -> None:
    with parent(tmp_path) as (process, started):
        assert len(started) == 4
        process.kill()
        assert psutil.wait_procs(started, timeout=30)[1] == []


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_stop_signal_leaves_no_process(tmp_path: Path, ending: signal.Signals) -> None:
    with parent(tmp_path, *(["closed"] if ending == signal.SIGHUP else [])) as (process, started):
        process.send_signal(ending)
        assert process.wait(timeout=30) == 130
        assert psutil.wait_procs(started, timeout=10)[1] == []


def test_a_second_ctrl_c_does_not_interrupt_the_stop(tmp_path: Path) -> None:
    with parent(tmp_path) as (process, started):
        for _ in range(3):
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert psutil.wait_procs(started, timeout=10)[1] == []


@pytest.mark.slow
def test_a_process_that_ignores_sigterm_is_killed_with_its_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.processes.STOP_TIMEOUT_S", 0.2)
    log = tmp_path / "log"
    script = "trap '' TERM; sleep 60 & echo $!; wait; wait"
    process = start(["/bin/sh", "-c", script], log, parent_death_signal=signal.SIGKILL)
    wait_until(lambda: log.read_text().endswith("\n"), {log: process})
    grandchild = psutil.Process(int(log.read_text()))
    stop(process)
    assert process.returncode == -signal.SIGKILL
    assert psutil.wait_procs([grandchild], timeout=10)[1] == []


def test_an_error_shows_the_end_of_an_ended_processes_log(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    process = start(["/bin/sh", "-c", "echo no such queue; exit 3"], log, parent_death_signal=signal.SIGKILL)
    with pytest.raises(CannotStart, match=r"(?s)worker has stopped \(exit 3\).*no such queue"):
        wait_until(lambda: False, {log: process})
    with pytest.raises(CannotStart):
        check({log: process})
    stop(process)


def test_output_and_environment_of_a_process(tmp_path: Path) -> None:
    log = tmp_path / "log"
    environment = os.environ | {"WORD": "gait"}
    process = start(["/bin/sh", "-c", "echo $WORD"], log, environment, parent_death_signal=signal.SIGKILL)
    process.wait()
    assert log.read_text() == "gait\n"
