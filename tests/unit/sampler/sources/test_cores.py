from pathlib import Path

import psutil

from sampler.sources.cores import Cores

HEAD = "cpu  1 2 3 4 5 6 7 8 9 10\n"
TAIL = "intr 12345 0 1\nctxt 99\n"


def write(root: Path, *cores: str) -> None:
    (root / "proc").mkdir(exist_ok=True)
    lines = [f"cpu{number} {ticks}\n" for number, ticks in enumerate(cores)]
    (root / "proc/stat").write_text(HEAD + "".join(lines) + TAIL)


def test_load_counts_since_the_last_read_and_iowait_is_idle(tmp_path: Path) -> None:
    write(tmp_path, "100 0 0 900 0 0 0 0 0 0", "0 0 0 0 0 0 0 0 0 0")
    cores = Cores(tmp_path)
    write(tmp_path, "101 1 1 905 0 1 0 1 0 0", "0 0 0 2 8 0 0 0 0 0")
    assert cores.read() == (50.0, 0.0)
    write(tmp_path, "104 1 1 905 0 1 0 1 0 0", "2 0 0 3 8 0 0 0 0 0")
    assert cores.read() == (100.0, 66.7)


def test_guest_time_is_part_of_user_and_nice(tmp_path: Path) -> None:
    write(tmp_path, "0 0 0 0 0 0 0 0 0 0")
    cores = Cores(tmp_path)
    write(tmp_path, "5 0 0 5 0 0 0 0 5 0")
    assert cores.read() == (50.0,)


def test_a_decreasing_iowait_counter_keeps_the_load_valid(tmp_path: Path) -> None:
    write(tmp_path, "10 0 0 10 10 0 0 0")
    cores = Cores(tmp_path)
    write(tmp_path, "20 0 0 10 6 0 0 0")
    assert cores.read() == (100.0,)
    assert cores.read() == (0.0,)  # no tick since then


def test_each_core_counts_for_itself_when_another_is_switched_off_and_on(tmp_path: Path) -> None:
    write(tmp_path, "0 0 0 0 0 0 0 0", "0 0 0 0 0 0 0 0")
    cores = Cores(tmp_path)
    write(tmp_path, "5 0 0 5 0 0 0 0")
    assert cores.read() == (50.0,)
    write(tmp_path, "10 0 0 5 0 0 0 0", "900 0 0 0 0 0 0 0")
    assert cores.read() == (100.0, None)
    write(tmp_path, "10 0 0 10 0 0 0 0", "905 0 0 5 0 0 0 0")
    assert cores.read() == (0.0, 50.0)


def test_a_machine_without_proc_is_read_by_psutil(tmp_path: Path) -> None:
    assert len(Cores(tmp_path).read()) == psutil.cpu_count()


def test_all_cores_of_a_large_machine_are_read(tmp_path: Path) -> None:
    count = 3000
    write(tmp_path, *["1000000 1000000 1000000 1000000 0 0 0 0 0 0"] * count)
    assert len(Cores(tmp_path).read()) == count
