"""The machine's hardware inventory: the document of `GET /hardware`.

    {cpu: {model, cores, threads, frequency, microcode}, gpu: [see Gpus], ram: {total, type, frequency},
     storage: {type, size}, os: {name, version, kernel}, bios: {vendor, version, date},
     limits: {cpus, memory, container, hypervisor}, missing: {name: reason}}

Units are bytes and MHz. The CPU's frequency is its maximum. Unknown values are None. Only root sees the RAM's type and
frequency; nothing else needs root. `root` is the folder that holds /proc and /sys.

A value whose read fails stays as it was read last, so that the machine's identity changes only when a read says so.
`missing` then has the reason.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sampler.gpu import Gpus
from sampler.inventory import limits, ram, storage, system
from sampler.inventory.firmware import bios
from sampler.inventory.kept_values import kept_gpus, kept_values
from sampler.inventory.processor import processor
from sampler.tolerant_read import TolerantReads

PARTS = ("cpu", "ram", "storage", "os", "bios", "limits")


def collect(
    gpus: Gpus,
    root: Path = Path("/"),
    before: Mapping[str, Any] | None = None,
    reads: TolerantReads | None = None,
) -> dict[str, Any]:
    """Read the inventory. `before` is the last one, of this process or an earlier one."""
    reads = reads or TolerantReads()
    found: dict[str, Any] = {
        "cpu": processor.describe(root, reads),
        "gpu": reads.read("gpu inventory", gpus.inventory),
        "ram": ram.describe(root, reads),
        "storage": storage.describe(root, reads=reads),
        "os": system.describe(root, reads),
        "bios": bios.describe(root, reads),
        "limits": limits.describe(root, reads),
    }
    before = before or {}
    kept: dict[str, Any] = {part: kept_values(part, found[part], before.get(part), reads.failed) for part in PARTS}
    hidden = reads.read("gpu list", gpus.hidden) or set()
    kept["gpu"] = kept_gpus(found["gpu"], before.get("gpu"), hidden)
    unread = reads.read("gpu reasons", gpus.missing) or {}
    return found | kept | {"missing": unread | reads.missing}
