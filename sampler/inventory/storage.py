"""The disk that Ollama's models lie on. Sources: the file system's device number and /sys/dev/block."""

import os
import shutil
from pathlib import Path
from typing import Any

import psutil

from common.config import settings
from sampler.inventory.processor import cpuinfo
from sampler.sources.kernel_file import text

FIELDS = ("type", "size")
SECTOR = 512
"""Bytes: the unit of every `size` in /sys/block, whatever the disk's own sectors are."""

VIRTUAL = ("vd", "xvd")
"""virtio and Xen: they claim to rotate, or not to, whatever lies beneath."""


def describe(root: Path, directory: Path | None = None) -> dict[str, Any]:
    """`type` is nvme, ssd or hdd; None on virtual disks. `size` is the whole disk's or volume's, in bytes."""
    directory = _nearest(directory or models_directory())
    device = block_device(directory, root)
    if device is None:
        return {"type": None, "size": shutil.disk_usage(directory).total}
    return {"type": _kind(_lowest(device), root), "size": int((device / "size").read_text()) * SECTOR}


def models_directory() -> Path:
    """Where Ollama keeps its models: the first of its usual places that exists, else the home."""
    own = settings().ollama_models
    places = [Path(own)] if own else []
    places += [Path.home() / ".ollama/models", Path("/usr/share/ollama/.ollama/models")]
    return next((place for place in places if _exists(place)), Path.home())


def block_device(directory: Path, root: Path) -> Path | None:
    """The directory in /sys of the disk or volume that `directory` lies on, not of its partition."""
    numbers = [directory.stat().st_dev, _mounted_device(directory)]
    for number in numbers:
        link = root / f"sys/dev/block/{os.major(number)}:{os.minor(number)}"
        if link.exists():
            device = link.resolve()
            return device.parent if (device / "partition").exists() else device
    return None


def _mounted_device(directory: Path) -> int:
    """Some file systems (btrfs) number devices of their own; the mount table names the disk beneath. 0 if not."""
    mounts = {Path(mount.mountpoint): mount.device for mount in psutil.disk_partitions(all=True)}
    directory = directory.resolve()
    device = next((mounts[place] for place in (directory, *directory.parents) if place in mounts), "")
    return Path(device).stat().st_rdev if device.startswith("/dev/") and Path(device).exists() else 0


def _lowest(device: Path) -> Path:
    """The disk beneath encryption, LVM or RAID; the first of several."""
    slaves = sorted((device / "slaves").glob("*"))
    if not slaves:
        return device
    slave = slaves[0].resolve()
    return _lowest(slave.parent if (slave / "partition").exists() else slave)


def _kind(disk: Path, root: Path) -> str | None:
    if disk.name.startswith("nvme"):
        return "nvme"
    rotates = text(disk / "queue/rotational")
    virtual = disk.name.startswith(VIRTUAL) or "hypervisor" in cpuinfo(root).get("flags", "").split()
    if virtual or rotates is None:
        return None
    return "hdd" if rotates == "1" else "ssd"


def _exists(place: Path) -> bool:
    try:
        place.stat()
    except PermissionError:  # the service's own home, closed to others
        return True
    except OSError:
        return False
    return True


def _nearest(directory: Path) -> Path:
    """The directory, or the nearest one above it that may be looked at."""
    try:
        directory.stat()
    except OSError:
        return _nearest(directory.parent)
    return directory
