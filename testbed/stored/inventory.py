"""Inventory of a machine, as its sampler publishes it."""

from typing import Any

INVENTORY: dict[str, Any] = {
    "cpu": {"model": "Ryzen 7", "cores": 8, "threads": 16, "frequency": 4500.0, "microcode": None},
    "gpu": [{"model": "Radeon 780M", "driver": "6.1", "memory": 4_294_967_296}],
    "ram": {"total": 34_359_738_368, "type": "DDR5", "frequency": 5600.0},
    "storage": {"type": "nvme", "size": 1_000_204_886_016},
    "os": {"name": "Debian", "version": "13", "kernel": "6.12"},
    "bios": {"vendor": None, "version": None, "date": None},
}
