import sys
from pathlib import Path

import psutil
import pytest

from sampler.gpu.none import NoGpus
from sampler.machine import Machine
from sampler.readings import ProcessUsage
from sampler.sources.listener import Listener
from sampler.sources.process_scan import ProcessScan
from sampler.sources.process_table import Process
from tests.integration.sampler.test_processes import running, shell, until


def process(pid: int, name: str, seconds: float | None, started: float = 0) -> Process:
    """After so many CPU seconds; None where they are not ours to know."""
    return Process(pid, started, name, 2, seconds, None)


class Table:
    """What is listed, one list a look."""

    def __init__(self, lists: list[list[Process]]) -> None:
        self._lists = iter(lists)

    def all(self) -> list[Process]:
        return next(self._lists)

    def one(self, pid: int) -> Process | None:
        raise AssertionError(pid)


def looks(monkeypatch: pytest.MonkeyPatch, *listed: list[Process]) -> list[tuple[ProcessUsage, ...] | None]:
    """Looks of 50 s at a machine of two processors, where a second is 1 %."""
    times = iter(range(0, 1000, 50))
    monkeypatch.setattr(psutil, "cpu_count", lambda: 2)
    census = ProcessScan(Table(list(listed)), lambda: next(times), Listener(""))
    return [census.take().busiest for _ in listed]


def test_the_first_look_tells_nothing_and_the_second_what_was_spent_since(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = [process(5, "cc1", 100)], [process(5, "cc1", 130)]
    assert looks(monkeypatch, first, second, second) == [None, (ProcessUsage("cc1", 30),), ()]


def test_at_most_three_are_named_and_none_below_a_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [process(pid, f"p{pid}", pid) for pid in range(1, 10)]
    few = [process(1, "idle", 0.9), process(2, "busy", 1)]
    assert looks(monkeypatch, [], many)[1] == (ProcessUsage("p9", 9), ProcessUsage("p8", 8), ProcessUsage("p7", 7))
    assert looks(monkeypatch, [], few)[1] == (ProcessUsage("busy", 1),)


def test_processes_of_one_name_count_together_and_what_began_counts_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [process(1, "make", 10), process(2, "cc1", 50)]
    after = [process(1, "make", 20), process(3, "cc1", 8), process(4, "cc1", 7)]
    assert looks(monkeypatch, before, after)[1] == (ProcessUsage("cc1", 15), ProcessUsage("make", 10))


def test_a_number_that_was_given_again_takes_nothing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = [process(1, "a", 50)], [process(1, "a", 1, started=9), process(2, "a", 4)]
    assert looks(monkeypatch, before, after)[1] == (ProcessUsage("a", 5),)


def test_ollamas_own_and_idleness_are_nobodys_load(monkeypatch: pytest.MonkeyPatch) -> None:
    after = [process(0, "System Idle Process", 90), process(2, "ollama", 40), process(3, "llama-server", 60)]
    assert looks(monkeypatch, [], after)[1] == ()


def test_what_is_not_ours_to_know_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks(monkeypatch, [], [process(1, "launchd", None), process(2, "", 5)])[1] == (ProcessUsage("", 5),)


def test_a_name_is_fit_for_any_log(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks(monkeypatch, [], [process(1, "a\x1b[1m\udcff b", 5)])[1] == (ProcessUsage("a?[1m? b", 5),)


@pytest.mark.skipif(sys.platform != "linux", reason="a copied shell keeps its name on Linux only")
def test_a_real_process_is_named_in_the_reading(tmp_path: Path) -> None:
    """Looks are two seconds apart by a made-up clock; in the true time between them the process is busy."""
    now = 0.0
    machine = Machine("desk", NoGpus(), clock=lambda: now)
    with running(shell(tmp_path, "busy-bee"), "while :; do :; done") as bee:
        assert machine.read().busiest is None
        spent = bee.cpu_times().user
        until(lambda: bee.cpu_times().user > spent + 0.05 * (psutil.cpu_count() or 1))
        now = 2
        machine.prepare()
        found = machine.read().busiest
    assert found is not None
    assert max(busy.cpu for busy in found if busy.name == "busy-bee") >= 2
