"""What the machine is made of: the document of `GET /hardware`.

    {cpu: {model, cores, threads, frequency, microcode}, gpu: [see Gpus], ram: {total, type, frequency},
     storage: {type, size}, os: {name, version, kernel}, bios: {vendor, version, date},
     limits: {cpus, memory, container, hypervisor}, missing: {what: why}}

Bytes and MHz; the CPU's frequency is its highest. None where unknown; nothing here needs root, but RAM type and
frequency are shown to root alone. `root` is where /proc and /sys are looked for.
"""

import platform
from pathlib import Path
from typing import Any

from sampler.gpu import Gpus
from sampler.inventory import firmware, limits, missing, processor, ram, storage
from sampler.tolerant_read import Probe


def collect(gpus: Gpus, root: Path = Path("/")) -> dict[str, Any]:
    found = {
        "cpu": Probe("the CPU's inventory", lambda: processor.describe(root))() or dict.fromkeys(processor.FIELDS),
        "gpu": Probe("the GPUs' inventory", gpus.inventory)() or [],
        "ram": Probe("the RAM's inventory", lambda: ram.describe(root))() or dict.fromkeys(ram.FIELDS),
        "storage": Probe("the disk's inventory", lambda: storage.describe(root))() or dict.fromkeys(storage.FIELDS),
        "os": operating_system(),
        "bios": firmware.describe(root),
        "limits": Probe("the machine's limits", lambda: limits.describe(root))() or dict.fromkeys(limits.FIELDS),
    }
    return found | {"missing": missing.reasons(found, gpus, root)}


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
