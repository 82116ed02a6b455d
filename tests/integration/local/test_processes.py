"""Nothing that was started may be left, however the one who started it ends."""

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

PROCFILE = "web: test -n x || export PORT=8000; exec sleep 60\nworker: exec sleep 60\nsampler: exec sleep 60\n"
PARENT = """
import pathlib, signal, sys, time
from local.__main__ import ENDINGS, stop_once
from local.redis_server import redis_server
from local.stack import procfile

folder = pathlib.Path(sys.argv[1])
for ending in ENDINGS:
    signal.signal(ending, stop_once)
try:
    with redis_server(folder / "redis", folder / "redis.log"), procfile(folder / "Procfile", folder, {}):
        print("up", flush=True)
        time.sleep(60)
except KeyboardInterrupt:
    sys.exit(130)
"""


@contextmanager
def parent(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """A parent like `make run`, and all that it has started."""
    (folder / "Procfile").write_text(PROCFILE)
    command = [sys.executable, "-c", PARENT, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        try:
            yield process, psutil.Process(process.pid).children(recursive=True)
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_kill_9_of_the_parent_leaves_no_process(tmp_path: Path) -> None:
    with parent(tmp_path) as (process, started):
        assert len(started) == 4
        process.kill()
        assert psutil.wait_procs(started, timeout=30)[1] == []


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_polite_end_leaves_no_process(tmp_path: Path, ending: signal.Signals) -> None:
    with parent(tmp_path) as (process, started):
        process.send_signal(ending)
        assert process.wait(timeout=30) == 130
        assert psutil.wait_procs(started, timeout=10)[1] == []


def test_a_second_ctrl_c_does_not_cut_the_stopping_short(tmp_path: Path) -> None:
    with parent(tmp_path) as (process, started):
        for _ in range(3):
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert psutil.wait_procs(started, timeout=10)[1] == []


@pytest.mark.slow
def test_what_ignores_sigterm_is_killed_with_all_its_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.processes.STOP_TIMEOUT_S", 0.2)
    log = tmp_path / "log"
    process = start(["/bin/sh", "-c", "trap '' TERM; sleep 60 & echo $!; wait; wait"], log, at_our_death=signal.SIGKILL)
    wait_until(lambda: log.read_text().endswith("\n"), {log: process})
    grandchild = psutil.Process(int(log.read_text()))
    stop(process)
    assert process.returncode == -signal.SIGKILL
    assert psutil.wait_procs([grandchild], timeout=10)[1] == []


def test_the_last_words_of_a_process_that_ended_are_told(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    process = start(["/bin/sh", "-c", "echo no such queue; exit 3"], log, at_our_death=signal.SIGKILL)
    with pytest.raises(CannotStart, match=r"(?s)worker has stopped \(exit 3\).*no such queue"):
        wait_until(lambda: False, {log: process})
    with pytest.raises(CannotStart):
        check({log: process})
    stop(process)


def test_output_and_environment_of_a_process(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start(["/bin/sh", "-c", "echo $WORD"], log, os.environ | {"WORD": "gait"}, at_our_death=signal.SIGKILL)
    process.wait()
    assert log.read_text() == "gait\n"
