"""The machine's hardware inventory: the document of `GET /hardware`.

    {cpu: {model, cores, threads, frequency, microcode}, gpu: [see Gpus], ram: {total, type, frequency},
     storage: {type, size}, os: {name, version, kernel}, bios: {vendor, version, date},
     limits: {cpus, memory, container, hypervisor}, missing: {name: reason}}

Units are bytes and MHz. The CPU's frequency is its maximum. Unknown values are None. Only root sees the RAM's type and
frequency; nothing else needs root. `root` is the folder that holds /proc and /sys.
"""

import platform
from pathlib import Path
from types import ModuleType
from typing import Any

from sampler.gpu import Gpus
from sampler.inventory import firmware, limits, missing, processor, ram, storage
from sampler.tolerant_read import TolerantRead


def collect(gpus: Gpus, root: Path = Path("/")) -> dict[str, Any]:
    found = {
        "cpu": _read("the CPU's inventory", processor, root),
        "gpu": TolerantRead("the GPUs' inventory", gpus.inventory)() or [],
        "ram": _read("the RAM's inventory", ram, root),
        "storage": _read("the disk's inventory", storage, root),
        "os": operating_system(),
        "bios": firmware.describe(root),
        "limits": _read("the machine's limits", limits, root),
    }
    return found | {"missing": missing.reasons(found, gpus, root)}


def _read(name: str, part: ModuleType, root: Path) -> dict[str, Any]:
    """Return a part's description, with every field None if it cannot be read."""
    return TolerantRead(name, lambda: part.describe(root))() or dict.fromkeys(part.FIELDS)


def operating_system() -> dict[str, str | None]:
    try:
        release = platform.freedesktop_os_release()
    except OSError:  # not Linux
        release = {"NAME": platform.system(), "VERSION_ID": platform.mac_ver()[0]}
    return {
        "name": release.get("NAME") or None,
        "version": release.get("VERSION_ID") or None,
        "kernel": platform.release() or None,
    }
