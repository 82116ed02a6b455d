"""Reasons for unknown values, listed in the inventory and logged once."""

import logging
from functools import cache
from pathlib import Path
from typing import Any

from sampler.gpu import Gpus
from sampler.sources import cpu, energy

logger = logging.getLogger(__name__)

_own: dict[str, str] = {}


def note(name: str, reason: str | None) -> None:
    """Record a reason that this process found elsewhere. None means that nothing is missing."""
    if reason is not None:
        _own[name] = reason


def reasons(inventory: dict[str, Any], gpus: Gpus, root: Path) -> dict[str, str]:
    """Return the names of unknown values, each with the reason, and log each once."""
    known = gpus.missing() | _own
    known |= {name: reason for name, reason in _of_parts(inventory, root).items() if reason}
    for name, reason in known.items():
        _log(name, reason)
    return known


def _of_parts(inventory: dict[str, Any], root: Path) -> dict[str, str | None]:
    return {
        "cpu energy": energy.missing_reason(root),
        "cpu temperature": None if cpu.sensors(root) else "the kernel has no CPU sensor, as in virtual machines",
        "cpu frequency": None if inventory["cpu"]["frequency"] else "the kernel does not report the maximum",
        "ram type": None if inventory["ram"]["type"] else _ram_type_reason(root),
        "storage type": None if inventory["storage"]["type"] else "the models' disk is virtual or hides its type",
        "bios": None if any(inventory["bios"].values()) else "the firmware does not report it (/sys/class/dmi)",
    }


def _ram_type_reason(root: Path) -> str:
    entries = root / "sys/firmware/dmi/entries"
    return "only root can read it (dmidecode)" if entries.is_dir() else "the firmware does not report it (no SMBIOS)"


@cache
def _log(name: str, reason: str) -> None:
    logger.info("unknown: %s: %s", name, reason)
