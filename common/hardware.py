"""A machine's identity: the parts of its inventory that change a measurement."""

import hashlib
import json
from typing import Any


def fingerprint(inventory: dict[str, Any]) -> str:
    """Twelve hexadecimal digits that stay the same while CPU, GPUs and drivers, RAM and kernel do."""
    cpu = inventory.get("cpu") or {}
    parts = {
        "cpu": [cpu.get("model"), cpu.get("cores"), cpu.get("threads")],
        "gpu": inventory.get("gpu"),
        "ram": (inventory.get("ram") or {}).get("total"),
        "kernel": (inventory.get("os") or {}).get("kernel"),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def text(inventory: dict[str, Any]) -> str:
    """What a person might search for: the names of processor, GPUs and system, in lower case."""
    cpu, system = inventory.get("cpu") or {}, inventory.get("os") or {}
    names = [cpu.get("model"), *(gpu.get("model") for gpu in inventory.get("gpu") or []), system.get("name")]
    return " ".join(name for name in names if name).lower()
