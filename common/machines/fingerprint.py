"""The identity of a machine: the parts of its inventory that affect measurements. The identity of an inventory."""

import hashlib
import json
from typing import Any

GIB = 1 << 30
SHA256 = "sha256:"
"""What a digest may begin with, to say what it is."""


def fingerprint(inventory: dict[str, Any]) -> str:
    """Return sixteen hexadecimal digits that change when the machine's `parts` change."""
    return hashlib.sha256(json.dumps(parts(inventory), sort_keys=True).encode()).hexdigest()[:16]


def digest(inventory: dict[str, Any]) -> str:
    """Return sixteen hexadecimal digits that change when a value in the inventory changes.

    The reasons in `missing` are left out: a file that cannot be read for a moment does not change the machine.
    """
    values = {name: part for name, part in inventory.items() if name != "missing"}
    return hashlib.sha256(json.dumps([fingerprint(inventory), values], sort_keys=True).encode()).hexdigest()[:16]


def parts(inventory: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of an inventory in its fingerprint. Clocks, microcode, disks and the BIOS are left out.

    `ram` is in bytes, rounded to whole GiB: the kernel reserves some megabytes, a different number at each start.
    """
    total = (inventory.get("ram") or {}).get("total")
    return {
        "cpu": _select(inventory.get("cpu"), ("model", "cores", "threads")),
        "gpu": [_gpu(gpu) for gpu in inventory.get("gpu") or []],
        "ram": total and round(total / GIB) * GIB,
        "kernel": (inventory.get("os") or {}).get("kernel"),
        "limits": _select(inventory.get("limits"), ("cpus", "memory", "container", "hypervisor")),
    }


def _gpu(gpu: dict[str, Any]) -> dict[str, Any]:
    """Return a GPU with the memory of its own. What it shares is in the RAM, and differs a little at each start."""
    found = _select(gpu, ("model", "memory", "driver", "instances"))
    return found | {"memory": found["memory"] and found["memory"] - (gpu.get("shared") or 0)}


def _select(part: dict[str, Any] | None, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: (part or {}).get(name) for name in names}


def text(inventory: dict[str, Any]) -> str:
    """Return the text that searches match: the names of processor, GPUs and system, in lower case."""
    cpu, system = inventory.get("cpu") or {}, inventory.get("os") or {}
    names = [cpu.get("model"), *(gpu.get("model") for gpu in inventory.get("gpu") or []), system.get("name")]
    return " ".join(name for name in names if name).lower()
