"""Two servers named ollama, each on a port of its own."""

import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from sampler.gpu.gpus import NoGpus, Readings
from sampler.machine import Machine
from sampler.processes.listener import MAX_SEARCHES, Listener
from sampler.processes.scan import ProcessScan
from sampler.processes.table import Process, process_table
from testbed.waiting import until

SERVER = """
import socket, subprocess, sys, time
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
subprocess.Popen([sys.argv[1], "-c", "kill -STOP $$"]).wait()
"""
TABLE = process_table()


class CountedGpus(NoGpus):
    """No GPUs, and the process ids that they were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[set[int]] = []
        self.attributed_to: list[set[int]] = []

    def read(self, ollama: Collection[int]) -> Readings:
        self.asked.append(set(ollama))
        return super().read(ollama)

    def attributed(self, readings: Readings, ollama: Collection[int]) -> Readings:
        self.attributed_to.append(set(ollama))
        return super().attributed(readings, ollama)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a process names itself by /proc on Linux only")


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, set[int]]]:
    """Start a server and yield its port, and the process ids of it and its runner."""
    runner = folder / "llama-server"
    if not runner.exists():
        shutil.copy("/bin/sh", runner)
    named = f"open('/proc/self/comm', 'w').write('ollama')\n{SERVER}"
    with subprocess.Popen([sys.executable, "-c", named, runner], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port, itself = int(process.stdout.readline()), psutil.Process(process.pid)
            until(lambda: [child.name() for child in itself.children()] == ["llama-server"], "the runner")
            yield port, {process.pid, *(child.pid for child in itself.children())}
        finally:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()


def found(port: int | None) -> set[int]:
    return {process.pid for process in ProcessScan(TABLE, time.monotonic, Listener(port)).take().ollama}


def test_the_ollama_that_listens_on_the_port_counts(tmp_path: Path) -> None:
    with server(tmp_path) as (one, first), server(tmp_path) as (_, second):
        assert found(one) == first
        assert first | second <= found(9)  # no process listens there
        assert first | second <= found(None)


def test_each_host_has_a_reading_with_its_own_ollama(tmp_path: Path) -> None:
    """The machine is read once for both."""
    with server(tmp_path) as (one, first), server(tmp_path) as (other, second):
        gpus = CountedGpus()
        machine = Machine({"a": one, "b": other}, gpus)
        a, b = machine.read()
    assert (a.host, b.host) == ("a", "b")
    assert (a.ollama and a.ollama.processes, b.ollama and b.ollama.processes) == (len(first), len(second))
    assert (a.cpu, a.memory, a.energy) == (b.cpu, b.memory, b.energy)
    assert (gpus.asked, gpus.attributed_to) == ([first], [second])
    assert a.gpus == b.gpus == ()


def test_the_search_repeats_for_new_servers_but_not_for_runners(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked: list[int] = []

    def listens(pid: int, _port: int) -> bool:
        checked.append(pid)
        return pid == 2

    monkeypatch.setattr("sampler.processes.listener._listens", listens)
    listener = Listener(1)
    one, two, three = (Process(pid, 0, "ollama", 1000, 0, 0) for pid in (1, 2, 3))
    runner = Process(4, 0, "llama-server", 2, 0, 0)
    assert [listener.find([one, two]), listener.find([one, two, runner])] == [2, 2]
    assert checked == [1, 2]
    assert listener.find([one, three]) is None
    assert checked == [1, 2, 1, 3]


def test_a_server_that_listens_only_after_a_moment_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    listening: set[int] = set()
    checked: list[int] = []

    def listens(pid: int, _port: int) -> bool:
        checked.append(pid)
        return pid in listening

    monkeypatch.setattr("sampler.processes.listener._listens", listens)
    one = Process(1, 0, "ollama", 1000, 0, 0)
    late, never = Listener(1), Listener(1)
    assert late.find([one]) is None
    assert [never.find([one]) for _ in range(100)] == [None] * 100
    assert len(checked) == 1 + MAX_SEARCHES  # a server behind a container's port is never found
    listening.add(1)
    assert late.find([one]) == 1


def test_two_listeners_on_the_port_give_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sampler.processes.listener._listens", lambda *_: True)
    assert Listener(1).find([Process(pid, 0, "ollama", 1000, 0, 0) for pid in (1, 2)]) is None
