"""Why something is not known: told in the inventory, and once in the log."""

import logging
from functools import cache
from pathlib import Path
from typing import Any

from sampler.gpu import Gpus
from sampler.sources import cpu, energy

logger = logging.getLogger(__name__)

_own: dict[str, str] = {}


def note(what: str, reason: str | None) -> None:
    """Of this process itself, found out elsewhere; None where nothing is missing."""
    if reason is not None:
        _own[what] = reason


def reasons(found: dict[str, Any], gpus: Gpus, root: Path) -> dict[str, str]:
    """By what is missing. `found` is the inventory."""
    told = gpus.missing() | _own | {what: reason for what, reason in _of_parts(found, root).items() if reason}
    for what, reason in told.items():
        _log(what, reason)
    return told


def _of_parts(found: dict[str, Any], root: Path) -> dict[str, str | None]:
    return {
        "cpu energy": energy.why_missing(root),
        "cpu temperature": None if cpu.sensors(root) else "the kernel has no sensor of the CPU, as in virtual machines",
        "cpu frequency": None if found["cpu"]["frequency"] else "the kernel does not tell the highest one",
        "ram type": None if found["ram"]["type"] else _why_no_ram_type(root),
        "storage type": None if found["storage"]["type"] else "the models' disk is a virtual one, or hides its kind",
        "bios": None if any(found["bios"].values()) else "the firmware does not tell (/sys/class/dmi)",
    }


def _why_no_ram_type(root: Path) -> str:
    entries = root / "sys/firmware/dmi/entries"
    return "firmware tells root only (dmidecode)" if entries.is_dir() else "the firmware does not tell (no SMBIOS)"


@cache
def _log(what: str, reason: str) -> None:
    logger.info("not known: %s: %s", what, reason)
