from pathlib import Path

import psutil

from sampler.inventory import processor

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


def test_values_in_no_file_are_unknown(tmp_path: Path) -> None:
    described = processor.describe(tmp_path)
    assert (described["frequency"], described["microcode"]) == (None, None)
