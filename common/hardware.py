"""A machine's inventory, and its identity: the parts of that which change a measurement."""

import hashlib
import json
from typing import Any

GIB = 1 << 30


def fingerprint(inventory: dict[str, Any]) -> str:
    """Sixteen hexadecimal digits that stay the same while the machine's `parts` do."""
    return hashlib.sha256(json.dumps(parts(inventory), sort_keys=True).encode()).hexdigest()[:16]


def parts(inventory: dict[str, Any]) -> dict[str, Any]:
    """What of an inventory the fingerprint is made of; clocks, microcode, disks and the BIOS are left out.

    `ram` is in bytes, in whole GiB: the kernel keeps some megabytes for itself, not the same at every start.
    """
    total = (inventory.get("ram") or {}).get("total")
    return {
        "cpu": _chosen(inventory.get("cpu"), ("model", "cores", "threads")),
        "gpu": [_chosen(gpu, ("model", "memory", "driver", "instances")) for gpu in inventory.get("gpu") or []],
        "ram": total and round(total / GIB) * GIB,
        "kernel": (inventory.get("os") or {}).get("kernel"),
        "limits": _chosen(inventory.get("limits"), ("cpus", "memory", "container", "hypervisor")),
    }


def _chosen(part: dict[str, Any] | None, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: (part or {}).get(name) for name in names}


def text(inventory: dict[str, Any]) -> str:
    """What a person might search for: the names of processor, GPUs and system, in lower case."""
    cpu, system = inventory.get("cpu") or {}, inventory.get("os") or {}
    names = [cpu.get("model"), *(gpu.get("model") for gpu in inventory.get("gpu") or []), system.get("name")]
    return " ".join(name for name in names if name).lower()
