"""The CPU. Sources: /proc/cpuinfo, /sys/devices/system/cpu and the device tree, elsewhere psutil."""

import platform
from pathlib import Path
from typing import Any

import psutil

from sampler.inventory import inventory_part
from sampler.inventory.processor import arm_cores
from sampler.inventory.processor.cpuinfo import cpuinfo
from sampler.sources import frequency
from sampler.sources.kernel_file import entries, text
from sampler.tolerant_read import NotReportedError, TolerantReads

CPUS = "sys/devices/system/cpu"
SIBLINGS = ("core_cpus_list", "thread_siblings_list")
"""Files that list the threads of a core, of newer and of older kernels. A CPU that is switched off has none."""
NAMES = ("model name", "Model", "Model Name", "cpu model", "cpu", "uarch")
"""Names of the processor in /proc/cpuinfo, by architecture, the best first."""


def describe(root: Path, reads: TolerantReads | None = None) -> dict[str, Any]:
    return inventory_part.read("cpu", FIELDS, root, reads)


def model(root: Path) -> str:
    """Return the processor's name, else the board's, else those of its cores."""
    facts = cpuinfo(root)
    named = next((facts[name] for name in NAMES if facts.get(name)), None)
    found = named or text(root / "proc/device-tree/model") or arm_cores.cores(root) or platform.processor()
    if not found:
        raise NotReportedError("neither /proc/cpuinfo nor the device tree names it")
    return found


def cores(root: Path) -> int | None:
    """Return the number of physical cores that are switched on, of all kinds and sockets."""
    cpus = entries(root / CPUS, r"cpu\d+$")
    siblings = {text(cpu / "topology" / name) for name in SIBLINGS for cpu in cpus}
    return len(siblings - {None}) or psutil.cpu_count(logical=False)


def threads(root: Path) -> int | None:
    """Return the number of logical processors that are switched on."""
    online = text(root / CPUS / "online")
    return _count(online) if online else psutil.cpu_count()


def microcode(root: Path) -> str:
    found = cpuinfo(root).get("microcode")
    if not found:
        raise NotReportedError("the kernel does not report it, as on ARM")
    return found


FIELDS = {
    "model": model,
    "cores": cores,
    "threads": threads,
    "frequency": frequency.maximum,
    "microcode": microcode,
}


def _count(ranges: str) -> int:
    """Count the numbers of a list such as `0-3,8`.

    Raises:
        ValueError: if it is something else.
    """
    bounds = [[int(bound) for bound in each.split("-")] for each in ranges.split(",")]
    return sum(each[-1] - each[0] + 1 for each in bounds)
