"""Both tables on the processes of this machine, and Linux's table on prepared lines."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from sampler.processes.table import ProcessTable, ProcTable, PsutilTable, process_table

LINE = "{pid} ({name}) S 7 5 5 0 -1 4194560 103 0 0 0 {user} {system} 0 0 20 0 1 0 500 4096 {pages} 18446744073"

TABLES = [PsutilTable(), *([ProcTable(Path("/proc"))] if sys.platform == "linux" else [])]


@pytest.fixture(params=TABLES, ids=lambda table: type(table).__name__)
def table(request: pytest.FixtureRequest) -> ProcessTable:
    found: ProcessTable = request.param
    return found


def test_this_process_is_described_correctly(table: ProcessTable) -> None:
    own, known = table.one(os.getpid()), psutil.Process()
    assert own is not None
    assert own.memory is not None
    assert own.seconds is not None
    assert (own.pid, own.parent) == (known.pid, known.ppid())
    assert known.name().startswith(own.name)
    assert own.memory == pytest.approx(known.memory_info().rss, rel=0.2)
    assert own.seconds == pytest.approx(sum(known.cpu_times()[:2]), abs=0.5)


def test_the_list_contains_this_process(table: ProcessTable) -> None:
    (listed,) = [process for process in table.all() if process.pid == os.getpid()]
    own = table.one(os.getpid())
    assert own is not None
    assert (listed.started, listed.name) == (own.started, own.name)


def test_an_ended_process_is_none(table: ProcessTable) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert table.one(process.pid) is None


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("name", ["ollama", "a) S 9 (b", "", "(sd-pam)"])
def test_a_name_may_contain_any_character(tmp_path: Path, name: str) -> None:
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    (tmp_path / "42").mkdir()
    (tmp_path / "42/stat").write_text(LINE.format(pid=42, name=name, user=3 * tick, system=tick, pages=10))
    (tmp_path / "meminfo").touch()
    (tmp_path / "43").mkdir()  # ended while it was listed
    (found,) = ProcTable(tmp_path).all()
    assert (found.pid, found.name, found.parent, found.seconds, found.memory) == (42, name, 7, 4, 10 * page)
    assert found.started == 500 / tick


def test_a_machine_without_proc_is_read_by_psutil(tmp_path: Path) -> None:
    assert isinstance(process_table(tmp_path), PsutilTable)
