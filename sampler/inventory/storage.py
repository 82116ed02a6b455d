"""The disk that holds Ollama's models. Sources: the file system's device number and /sys/dev/block."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import psutil

from common.environment.settings import settings
from sampler.inventory import inventory_part
from sampler.inventory.firmware.hypervisor import hypervisor
from sampler.loop.own_thread import OwnThread
from sampler.sources.kernel_file import entries, exists, number, text
from sampler.tolerant_read import NotReportedError, TolerantReads

DISK = OwnThread("the models' disk")
"""The folder of the models may be on a file system of the network."""
SECTOR = 512
"""Bytes. The unit of every `size` in /sys/block, for any sector size of the disk."""

NETWORK_DISKS = re.compile(r"elastic block|card-pd|accelerator|virtual|vbox|qemu", re.IGNORECASE)
"""Models of disks that clouds and hypervisors present as NVMe, whatever is behind them."""
VIRTUAL = ("vd", "xvd")
"""virtio and Xen. What they report about rotation says nothing about the real disk."""


def describe(root: Path, directory: Path | None = None, reads: TolerantReads | None = None) -> dict[str, Any]:
    """Describe the disk. `type` is nvme, ssd, hdd, or None if virtual. `size` is the disk's or volume's in bytes."""
    fields: inventory_part.Fields = {
        "type": lambda root: DISK.call(lambda: kind(root, directory)),
        "size": lambda root: DISK.call(lambda: size(root, directory)),
    }
    return inventory_part.read("storage", fields, root, reads)


def kind(root: Path, directory: Path | None = None) -> str:
    device = block_device(_nearest(directory or models_directory()), root)
    found = _type(_lowest(device), root) if device else None
    if found is None:
        raise NotReportedError("the models' disk is virtual or hides its type")
    return found


def size(root: Path, directory: Path | None = None) -> int:
    directory = _nearest(directory or models_directory())
    device = block_device(directory, root)
    sectors = number(device / "size") if device else None
    return shutil.disk_usage(directory).total if sectors is None else sectors * SECTOR


def models_directory() -> Path:
    """Return the folder of Ollama's models: the first usual one that exists, else the home folder."""
    configured = settings().ollama_models
    candidates = [Path(configured)] if configured else []
    candidates += [Path.home() / ".ollama/models", Path("/usr/share/ollama/.ollama/models")]
    return next((folder for folder in candidates if _exists(folder)), Path.home())


def block_device(directory: Path, root: Path) -> Path | None:
    """Return the folder in /sys of the disk or volume that holds `directory`, not of its partition."""
    for device_number in (directory.stat().st_dev, _mounted_device(directory)):
        link = root / f"sys/dev/block/{os.major(device_number)}:{os.minor(device_number)}"
        if exists(link):
            device = link.resolve()
            return device.parent if exists(device / "partition") else device
    return None


def _mounted_device(directory: Path) -> int:
    """Return the device number of the disk that the mount table names, or 0.

    Some file systems (btrfs) have device numbers of their own.
    """
    mounts = {Path(mount.mountpoint): mount.device for mount in psutil.disk_partitions(all=True)}
    directory = directory.resolve()
    device = next((mounts[folder] for folder in (directory, *directory.parents) if folder in mounts), "")
    return Path(device).stat().st_rdev if device.startswith("/dev/") and exists(Path(device)) else 0


def _lowest(device: Path) -> Path:
    """Return the disk below encryption, LVM or RAID, the first if there are several."""
    slaves = entries(device / "slaves")
    if not slaves:
        return device
    slave = slaves[0].resolve()
    return _lowest(slave.parent if exists(slave / "partition") else slave)


def _type(disk: Path, root: Path) -> str | None:
    if disk.name.startswith("nvme"):
        return None if NETWORK_DISKS.search(text(disk / "device/model") or "") else "nvme"
    rotates = text(disk / "queue/rotational")
    virtual = disk.name.startswith(VIRTUAL) or hypervisor(root) is not None
    if virtual or rotates is None:
        return None
    return "hdd" if rotates == "1" else "ssd"


def _exists(folder: Path) -> bool:
    try:
        folder.stat()
    except PermissionError:  # the service's own home, which others cannot read
        return True
    except OSError:
        return False
    return True


def _nearest(directory: Path) -> Path:
    """Return the directory, or its nearest parent that can be read."""
    try:
        directory.stat()
    except OSError:
        return _nearest(directory.parent)
    return directory
