"""The share of the machine that this process may use. Sources: cgroups and the process's affinity.

These are the limits of the sampler's own container or service. Ollama on the same machine may have other limits.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from common.environment.settings import settings
from sampler.inventory import inventory_part
from sampler.inventory.firmware.hypervisor import hypervisor
from sampler.sources.kernel_file import exists, number, text
from sampler.tolerant_read import TolerantReads

NO_LIMIT = 1 << 60
"""Bytes. cgroup v1 writes a larger number if there is no limit."""

RUNTIMES = ("docker", "kubepods", "libpod", "lxc", "containerd", "garden")
"""Container runtimes, as the paths of cgroups name them."""


def describe(root: Path, reads: TolerantReads | None = None) -> dict[str, Any]:
    """Return the limits, with None for no limit. `cpus` may be a fraction, `memory` is in bytes."""
    return inventory_part.read("limits", FIELDS, root, reads)


def cpus(root: Path) -> float | None:
    """Return the number of processors that the process may use."""
    limits = [limit for limit in (_quota(_groups(root)), _cpuset()) if limit is not None]
    return min(limits, default=None)


def memory(root: Path) -> int | None:
    return min(_memory(_groups(root)), default=None)


def container(root: Path) -> str | None:
    """Return the name of the container's runtime."""
    if exists(root / "run/.containerenv"):
        return "podman"
    if exists(root / ".dockerenv"):
        return "docker"
    cgroup = text(root / "proc/1/cgroup") or ""
    return settings().container or next((runtime for runtime in RUNTIMES if runtime in cgroup), None)


FIELDS = {"cpus": cpus, "memory": memory, "container": container, "hypervisor": hypervisor}


def _groups(root: Path) -> dict[str, list[Path]]:
    """Return the folders of our own cgroup and of its parents, by controller. In v2 both controllers share one."""
    found: dict[str, list[Path]] = {}
    for line in (text(root / "proc/self/cgroup") or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        for controller in controllers.split(",") if controllers else ("cpu", "memory"):
            top = root / "sys/fs/cgroup" / (controller if controllers else "")
            found.setdefault(controller, []).extend(_upwards(top, path))
    return found


def _upwards(top: Path, path: str) -> Iterator[Path]:
    """Yield the cgroup's folder and its parents. In a container the path may be the machine's, not visible here."""
    own = top / path.strip("/")
    yield own
    while own != top and top in own.parents:
        own = own.parent
        yield own


def _quota(groups: dict[str, list[Path]]) -> float | None:
    """Return the allowed CPU time as a number of processors."""
    quotas = [_v2_quota(folder) or _v1_quota(folder) for folder in groups.get("cpu", [])]
    return min((quota for quota in quotas if quota is not None), default=None)


def _v2_quota(folder: Path) -> float | None:
    quota, _, period = (text(folder / "cpu.max") or "max").partition(" ")
    return None if quota == "max" else round(int(quota) / int(period or 100_000), 2)


def _v1_quota(folder: Path) -> float | None:
    quota, period = number(folder / "cpu.cfs_quota_us"), number(folder / "cpu.cfs_period_us")
    return round(quota / period, 2) if quota and period and quota > 0 else None


def _cpuset() -> float | None:
    """Return the number of processors that this process may run on, or None if it may use all."""
    affinity: Callable[[int], Iterable[int]] | None = getattr(os, "sched_getaffinity", None)
    allowed = len(set(affinity(0))) if affinity else None
    return float(allowed) if allowed and allowed < (os.cpu_count() or 0) else None


def _memory(groups: dict[str, list[Path]]) -> list[int]:
    names = ("memory.max", "memory.limit_in_bytes")
    limits = [_limit(folder / name) for folder in groups.get("memory", []) for name in names]
    return [limit for limit in limits if limit is not None and limit < NO_LIMIT]


def _limit(file: Path) -> int | None:
    return None if text(file) == "max" else number(file)
