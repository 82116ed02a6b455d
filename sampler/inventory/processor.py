"""The CPU. Sources: /proc/cpuinfo and psutil."""

import platform
from pathlib import Path
from typing import Any

import psutil

FIELDS = ("model", "cores", "threads", "frequency", "microcode")


def describe(root: Path) -> dict[str, Any]:
    facts = cpuinfo(root)
    return {
        "model": facts.get("model name") or facts.get("Model") or platform.processor() or None,
        "cores": psutil.cpu_count(logical=False),
        "threads": psutil.cpu_count(),
        "frequency": max_frequency(root),
        "microcode": facts.get("microcode"),
    }


def cpuinfo(root: Path) -> dict[str, str]:
    """Return the facts of the first CPU and of the board, or {} if there is no /proc."""
    try:
        lines = (root / "proc/cpuinfo").read_text().splitlines()
    except OSError:
        return {}
    facts: dict[str, str] = {}
    for name, colon, value in (line.partition(":") for line in lines):
        if colon:
            facts.setdefault(name.strip(), value.strip())
    return facts


def max_frequency(root: Path) -> float | None:
    """Return the maximum frequency in MHz, which virtual machines rarely report."""
    limits = root.glob("sys/devices/system/cpu/cpu[0-9]*/cpufreq/cpuinfo_max_freq")
    return max((int(limit.read_text()) / 1000 for limit in limits), default=None)
