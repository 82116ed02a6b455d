"""Ollama's process tree, tested on real processes with Ollama's names.

Other processes on this machine may have these names too, so the tests look only for their own.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from sampler.processes.listener import Listener
from sampler.processes.scan import ProcessScan
from sampler.processes.table import Process, process_table
from sampler.processes.usage import OllamaProcesses

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a copied shell keeps its name on Linux only")


IDLE = "while :; do sleep 60; done"


@contextmanager
def running(program: Path, script: str) -> Iterator[psutil.Process]:
    """Run a shell under the name of `program`, and kill it and its children at the end."""
    with subprocess.Popen([program, "-c", script]) as started:
        process = psutil.Process(started.pid)
        try:
            yield process
        finally:
            for child in process.children(recursive=True):
                child.kill()
            process.kill()


def shell(directory: Path, name: str) -> Path:
    return Path(shutil.copy("/bin/sh", directory / name))


TABLE = process_table()


def find() -> list[Process]:
    return list(ProcessScan(TABLE, time.monotonic, Listener(None)).take().ollama)


def pids() -> set[int]:
    return {process.pid for process in find()}


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)


def test_the_server_and_its_runners_are_found(tmp_path: Path) -> None:
    server, runner = shell(tmp_path, "ollama"), shell(tmp_path, "llama-server")
    with running(server, f"{runner} -c '{IDLE}' & {runner} -c '{IDLE}' & wait") as process:
        until(lambda: [child.name() for child in process.children()] == ["llama-server"] * 2)
        assert {process.pid, *(child.pid for child in process.children())} <= pids()


def test_a_llama_server_of_another_parent_is_not_ollamas(tmp_path: Path) -> None:
    with running(shell(tmp_path, "llama-server"), IDLE) as process:
        until(lambda: process.name() == "llama-server")
        assert process.pid not in pids()


def test_cpu_is_a_share_of_the_whole_machine(tmp_path: Path) -> None:
    with running(shell(tmp_path, "ollama"), "while :; do :; done") as process:
        until(lambda: process.name() == "ollama")
        source = OllamaProcesses(find, TABLE)
        first = source.read()
        until(lambda: process.cpu_times().user > 0.05)
        second = source.read()
        assert process.pid in source.pids
    assert first is not None
    assert second is not None
    assert first.cpu is None
    assert second.cpu is not None
    assert 0 < second.cpu <= 100
    assert second.memory > 0


def test_cpu_counts_each_process_from_its_second_reading() -> None:
    now = 0.0
    own, listed = psutil.Process(), TABLE.one(os.getpid())
    assert listed is not None
    source = OllamaProcesses(lambda: [listed] if now else [], TABLE, clock=lambda: now)
    assert source.read() is None
    now = 5
    joined = source.read()
    before, now = own.cpu_times(), 6
    while own.cpu_times().user < before.user + 0.05:
        sum(range(100_000))
    busy = source.read()
    assert joined is not None
    assert joined.cpu == 0
    assert busy is not None
    assert busy.cpu is not None
    assert busy.cpu >= 100 * 0.05 / (psutil.cpu_count() or 1)


def test_a_process_that_ends_leaves_the_reading(tmp_path: Path) -> None:
    with running(shell(tmp_path, "ollama"), IDLE) as process:
        listed = TABLE.one(process.pid)
        assert listed is not None
        source = OllamaProcesses(lambda: [listed], TABLE)
        seen = source.read()
    assert seen is not None
    assert seen.processes == 1
    assert source.read() is None
    assert source.pids == frozenset()
