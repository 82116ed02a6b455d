import sys
from pathlib import Path

import psutil
import pytest

from sampler.gpu.gpus import NoGpus
from sampler.machine import Machine
from sampler.processes.listener import Listener
from sampler.processes.scan import ProcessScan
from sampler.processes.table import Process
from sampler.readings import ProcessUsage
from tests.integration.sampler.processes.test_usage import running, shell, until


def process(pid: int, name: str, seconds: float | None, started: float = 0) -> Process:
    """Return a process with these CPU seconds; None stands for unreadable ones."""
    return Process(pid, started, name, 2, seconds, None)


class Table:
    """A table that returns the next list at each scan."""

    def __init__(self, lists: list[list[Process]]) -> None:
        self._lists = iter(lists)

    def all(self) -> list[Process]:
        return next(self._lists)

    def one(self, pid: int) -> Process | None:
        raise AssertionError(pid)

    def arguments(self, pid: int) -> list[str]:
        raise AssertionError(pid)


def scans(monkeypatch: pytest.MonkeyPatch, *listed: list[Process]) -> list[tuple[ProcessUsage, ...] | None]:
    """Scan every 50 s on a machine with two processors, so that a CPU second is 1 %."""
    times = iter(range(0, 1000, 50))
    monkeypatch.setattr(psutil, "cpu_count", lambda: 2)
    scan = ProcessScan(Table(list(listed)), lambda: next(times), Listener(None))
    return [scan.take().busiest for _ in listed]


def test_the_first_scan_reports_nothing_and_the_second_the_time_since(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = [process(5, "cc1", 100)], [process(5, "cc1", 130)]
    assert scans(monkeypatch, first, second, second) == [None, (ProcessUsage("cc1", 30),), ()]


def test_at_most_three_processes_are_named_and_none_below_one_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [process(pid, f"p{pid}", pid) for pid in range(1, 10)]
    few = [process(1, "idle", 0.9), process(2, "busy", 1)]
    assert scans(monkeypatch, [], many)[1] == (ProcessUsage("p9", 9), ProcessUsage("p8", 8), ProcessUsage("p7", 7))
    assert scans(monkeypatch, [], few)[1] == (ProcessUsage("busy", 1),)


def test_processes_of_one_name_add_up_and_new_ones_count_fully(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [process(1, "make", 10), process(2, "cc1", 50)]
    after = [process(1, "make", 20), process(3, "cc1", 8), process(4, "cc1", 7)]
    assert scans(monkeypatch, before, after)[1] == (ProcessUsage("cc1", 15), ProcessUsage("make", 10))


def test_a_reused_process_id_subtracts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = [process(1, "a", 50)], [process(1, "a", 1, started=9), process(2, "a", 4)]
    assert scans(monkeypatch, before, after)[1] == (ProcessUsage("a", 5),)


def test_ollama_and_idle_time_do_not_count_as_other_load(monkeypatch: pytest.MonkeyPatch) -> None:
    after = [process(0, "System Idle Process", 90), process(2, "ollama", 40), process(3, "llama-server", 60)]
    assert scans(monkeypatch, [], after)[1] == ()


def test_unreadable_processes_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert scans(monkeypatch, [], [process(1, "launchd", None), process(2, "", 5)])[1] == (ProcessUsage("", 5),)


def test_unprintable_characters_in_names_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert scans(monkeypatch, [], [process(1, "a\x1b[1m\udcff b", 5)])[1] == (ProcessUsage("a?[1m? b", 5),)


@pytest.mark.skipif(sys.platform != "linux", reason="a copied shell keeps its name on Linux only")
def test_a_real_busy_process_is_named_in_the_reading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The scans are two seconds apart on a fake clock. The process is busy in the real time between them."""
    monkeypatch.setattr("sampler.processes.scan.MAX_BUSIEST", 1000)  # other programs may be busier
    now = 0.0
    machine = Machine({"desk": None}, NoGpus(), clock=lambda: now)
    with running(shell(tmp_path, "busy-bee"), "while :; do :; done") as bee:
        assert machine.read()[0].busiest is None
        spent = bee.cpu_times().user
        until(lambda: bee.cpu_times().user > spent + 0.05 * (psutil.cpu_count() or 1))
        now = 2
        machine.prepare()
        found = machine.read()[0].busiest
    assert found is not None
    assert max(busy.cpu for busy in found if busy.name == "busy-bee") >= 2
