"""A whole machine as a tree of /proc and /sys: a laptop with an AMD GPU, two batteries, ZFS and an Ollama."""

import os
from pathlib import Path

from tests.support.machine.sysfs import card, client, write

GIB = 1 << 30
OLLAMA = 4711
STAT = "{pid} ({name}) S 1 5 5 0 -1 4194560 103 0 0 0 30 10 0 0 20 0 1 0 500 4096 1000 18446744073"
CPU = "processor\t: {0}\nmodel name\t: Ryzen 7\nmicrocode\t: 0xa1\ncpu MHz\t: 3400.1\nflags\t: fpu\n"


def build(root: Path) -> Path:
    """Create the machine and return its root."""
    _proc(root / "proc")
    _cpus(root / "sys/devices/system/cpu")
    _sensors(root / "sys/class")
    _gpu(root)
    _firmware(root / "sys")
    _disk(root)
    limits: dict[str, str | int] = {"cpu.max": "150000 100000", "memory.max": 8 * GIB}
    write(root / "sys/fs/cgroup/user", **limits)
    return root


def _proc(proc: Path) -> None:
    write(proc, stat="cpu  1 2 3\ncpu0 10 0 0 90 0 0 0 0 0 0\ncpu1 10 0 0 90 0 0 0 0 0 0\nintr 5")
    kib: dict[str, int] = {
        "MemTotal": 16 << 20,
        "MemFree": 1 << 20,
        "MemAvailable": 4 << 20,
        "SwapTotal": 1000,
        "SwapFree": 900,
    }
    write(proc, meminfo="\n".join(f"{name}:  {value} kB" for name, value in kib.items()))
    write(proc, cpuinfo="\n".join(map(CPU.format, range(2))))
    write(proc, self__stat=STAT.format(pid=1, name="sampler"), self__cgroup="0::/user", **{"1__cgroup": "0::/docker/1"})
    write(proc / str(OLLAMA), stat=STAT.format(pid=OLLAMA, name="ollama"), cmdline="ollama\0serve\0")
    write(proc, sys__kernel__osrelease="6.12.1", net__tcp="  sl  local_address")
    write(proc, spl__kstat__zfs__arcstats=f"9 1 0x01\nname type data\nc_min 4 {GIB}\nsize 4 {3 * GIB}")


def _cpus(cpus: Path) -> None:
    write(cpus, online="0-1")
    for number in range(2):
        write(cpus / f"cpu{number}/topology", core_cpus_list=number)
        write(cpus / f"cpufreq/policy{number}", scaling_cur_freq=3_400_000, cpuinfo_max_freq=5_000_000)


def _sensors(classes: Path) -> None:
    write(classes / "hwmon/hwmon0", name="k10temp", temp1_label="Tctl", temp1_input=61_000)
    write(classes / "thermal/thermal_zone0", type="acpitz", temp=30_000)
    package: dict[str, str | int] = {"name": "package-0", "energy_uj": 5, "max_energy_range_uj": 1000}
    write(classes / "powercap/intel-rapl:0", **package)
    write(classes / "power_supply/AC", type="Mains", online=0)
    write(classes / "power_supply/BAT0", type="Battery", scope="System", present=1, status="Unknown", capacity=80)
    write(classes / "power_supply/BAT1", type="Battery", status="Discharging", energy_now=5, energy_full=10)


def _gpu(root: Path) -> None:
    device = card(
        root,
        0,
        "0x1002",
        "amdgpu",
        device="0x744c",
        product_name="Radeon",
        gpu_busy_percent=97,
        mem_info_vram_total=24 * GIB,
        mem_info_vram_used=5 * GIB,
        mem_info_gtt_total=8 * GIB,
        mem_info_gtt_used=1 * GIB,
        current_link_speed="16.0 GT/s PCIe",
        current_link_width=8,
    )
    write(device / "hwmon/hwmon3", power1_average=301_000_000, energy1_input=7_500_000, freq1_input=2_495_000_000)
    write(device / "hwmon/hwmon3", temp1_input=55_000, temp1_label="edge", temp3_input=82_000, temp3_label="mem")
    write(device / "hwmon/hwmon3", freq2_input=1_249_000_000)
    write(root, sys__module__amdgpu__version="6.1")
    client(root, OLLAMA, 9, "0000:00:00.0", 1, drm_memory_vram="1024 KiB")


def _firmware(sys: Path) -> None:
    dmi = {"bios_vendor": "AMI", "bios_version": "F33", "bios_date": "08/15/2025"}
    write(sys / "class/dmi/id", **dmi, product_name="B650", sys_vendor="Acme", board_vendor="Acme", product_version="1")
    module = bytearray(0x22)
    module[0:2] = 17, len(module)
    module[0x0D], module[0x12], module[0x15], module[0x20] = 0x40, 0x22, 100, 100
    (sys / "firmware/dmi/entries/17-0").mkdir(parents=True)
    (sys / "firmware/dmi/entries/17-0/raw").write_bytes(module)


def _disk(root: Path) -> None:
    """Create the disk that holds the models, in the folder `models`."""
    (root / "models").mkdir()
    number = (root / "models").stat().st_dev
    write(root / "sys/devices/sda", size=2000, queue__rotational=0)
    link = root / f"sys/dev/block/{os.major(number)}:{os.minor(number)}"
    link.parent.mkdir(parents=True)
    link.symlink_to(root / "sys/devices/sda")
