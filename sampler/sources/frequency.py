"""The clock of the CPU's cores in MHz. Sources: Linux's cpufreq, else /proc/cpuinfo, elsewhere psutil."""

import re
from pathlib import Path
from statistics import fmean

import psutil

from sampler.sources import alternatives
from sampler.sources.kernel_file import content, entries, exists, number
from sampler.tolerant_read import NotReportedError

CPUS = "sys/devices/system/cpu"
CPUINFO_MHZ = re.compile(rb"^cpu MHz\s*: *(\d+)", re.MULTILINE)
MAX_KILOHERTZ = 20_000_000
"""Larger numbers stand for an unknown one."""
NOT_REPORTED = "the kernel does not report it, as in virtual machines"


def current(root: Path) -> float:
    """Return the mean over the cores that are switched on.

    Raises:
        NotReportedError: if the kernel has neither cpufreq nor the clock in /proc/cpuinfo.
        OSError, ValueError: if no core's clock is readable.
    """
    found = alternatives.first(lambda read: read(root) or None, (_current_cpufreq, _in_cpuinfo, _by_psutil))
    return round(fmean(_known(found)), 1)


def maximum(root: Path) -> float:
    """Return the maximum frequency of the fastest core. It raises as `current`."""
    return max(_known(_cpufreq(root, "cpuinfo_max_freq")))


def _cpufreq(root: Path, name: str) -> list[float]:
    """Return the values of all cores, in MHz. Those of a core that is switched off return an error."""
    policies = entries(root / CPUS / "cpufreq", "policy")
    older = [] if policies else [cpu / "cpufreq" for cpu in entries(root / CPUS, r"cpu\d+$")]
    files = [policy / name for policy in [*policies, *older]]
    return [kilohertz / 1000 for kilohertz in alternatives.known(number, files) if 0 < kilohertz < MAX_KILOHERTZ]


def _current_cpufreq(root: Path) -> list[float]:
    return _cpufreq(root, "scaling_cur_freq")


def _in_cpuinfo(root: Path) -> list[float]:
    path = root / "proc/cpuinfo"
    return [float(mhz) for mhz in CPUINFO_MHZ.findall(content(path))] if exists(path) else []


def _by_psutil(root: Path) -> list[float]:
    """Return the clock on systems without /proc and /sys."""
    found = None if exists(root / "proc") else psutil.cpu_freq()
    return [found.current] if found and found.current else []


def _known(found: list[float] | None) -> list[float]:
    if not found:
        raise NotReportedError(NOT_REPORTED)
    return found
