import errno
from pathlib import Path

import psutil
import pytest

from sampler.inventory.processor import processor
from tests.support.machine.faults_of_files import Fault, FaultyFiles
from tests.support.machine.sysfs import write

CPUINFO = """\
processor\t: 0
model name\t: AMD Ryzen 9 7950X 16-Core Processor
microcode\t: 0xa601206
flags\t\t: fpu vme

processor\t: 1
model name\t: another
"""
RASPBERRY = """\
processor\t: 0
CPU part\t: 0xd0b

Model\t\t: Raspberry Pi 5 Model B Rev 1.0
"""


def cpuinfo(root: Path, text: str) -> None:
    (root / "proc").mkdir()
    (root / "proc/cpuinfo").write_text(text)


def test_the_cpu_is_described_by_proc_and_its_fastest_core(tmp_path: Path) -> None:
    cpuinfo(tmp_path, CPUINFO)
    for number, kilohertz in enumerate((4_500_000, 5_881_000)):
        limits = tmp_path / f"sys/devices/system/cpu/cpu{number}/cpufreq"
        limits.mkdir(parents=True)
        (limits / "cpuinfo_max_freq").write_text(f"{kilohertz}\n")
    assert processor.describe(tmp_path) == {
        "model": "AMD Ryzen 9 7950X 16-Core Processor",
        "cores": psutil.cpu_count(logical=False),
        "threads": psutil.cpu_count(),
        "frequency": 5881,
        "microcode": "0xa601206",
    }


def test_a_board_without_a_cpu_model_gives_the_boards_model(tmp_path: Path) -> None:
    cpuinfo(tmp_path, RASPBERRY)
    assert processor.describe(tmp_path)["model"] == "Raspberry Pi 5 Model B Rev 1.0"


ARM = "processor\t: {0}\nCPU implementer\t: {1}\nCPU part\t: {2}\n\n"


@pytest.mark.parametrize(
    ("cpus", "board", "model"),
    [
        ([("0x41", "0xd05"), ("0x41", "0xd05"), ("0x41", "0xd0b")], None, "ARM Cortex-A55 + Cortex-A76"),
        ([("0x41", "0xd0b")], "Radxa ROCK 5B\0", "Radxa ROCK 5B"),
        ([("0xc0", "0xac4")], None, "Ampere part 0xac4"),
        ([("0x99", "0x001")], None, "ARM maker 0x99 part 0x001"),
    ],
)
def test_an_arm_processor_is_named_by_its_board_or_its_cores(
    tmp_path: Path, cpus: list[tuple[str, str]], board: str | None, model: str
) -> None:
    cpuinfo(tmp_path, "".join(ARM.format(number, *cpu) for number, cpu in enumerate(cpus)))
    if board:
        write(tmp_path / "proc/device-tree", model=board)
    assert processor.describe(tmp_path)["model"] == model


@pytest.mark.parametrize(
    ("online", "siblings", "cores", "threads"),
    [
        ("0-3", ["0,2", "1,3", "0,2", "1,3"], 2, 4),
        ("0-3", ["0-1", "0-1", "2", "3"], 3, 4),  # hybrid: one core of two threads and two of one
        ("0,2-3", ["0", None, "2", "3"], 3, 3),  # CPU 1 is switched off
        ("0-1", ["0", "1", None, None], 2, 2),  # SMT is off
    ],
)
def test_cores_and_threads_that_are_switched_on_count(
    tmp_path: Path, online: str, siblings: list[str | None], cores: int, threads: int
) -> None:
    write(tmp_path / processor.CPUS, online=online)
    for number, listed in enumerate(siblings):
        if listed is not None:
            write(tmp_path / processor.CPUS / f"cpu{number}/topology", core_cpus_list=listed)
    described = processor.describe(tmp_path)
    assert (described["cores"], described["threads"]) == (cores, threads)


def test_a_cpu_that_is_switched_off_loses_no_other_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cpuinfo(tmp_path, CPUINFO)
    for number, kilohertz in enumerate((4_500_000, 5_881_000)):
        write(tmp_path / processor.CPUS / f"cpu{number}/cpufreq", cpuinfo_max_freq=kilohertz)
    whole = processor.describe(tmp_path)
    off = tmp_path / processor.CPUS / "cpu1/cpufreq/cpuinfo_max_freq"
    with FaultyFiles(monkeypatch).broken(off, Fault(errno.EBUSY)):
        assert processor.describe(tmp_path) == whole | {"frequency": 4500}


def test_values_in_no_file_are_unknown(tmp_path: Path) -> None:
    described = processor.describe(tmp_path)
    assert (described["frequency"], described["microcode"]) == (None, None)
