"""The BIOS. Source: /sys/class/dmi/id, which virtual machines and ARM boards may lack."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sampler.inventory import inventory_part
from sampler.inventory.firmware.dmi import FOLDER, dmi
from sampler.tolerant_read import NotReportedError, TolerantReads


def describe(root: Path, reads: TolerantReads | None = None) -> dict[str, Any]:
    return inventory_part.read("bios", FIELDS, root, reads)


def vendor(root: Path) -> str:
    return _dmi(root, "bios_vendor")


def version(root: Path) -> str:
    return _dmi(root, "bios_version")


def date(root: Path) -> str:
    """Convert DMI's 12/31/2025 to 2025-12-31."""
    written = _dmi(root, "bios_date")
    try:
        return datetime.strptime(written, "%m/%d/%Y").date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise NotReportedError(f"the firmware reports {written!r}") from error


FIELDS = {"vendor": vendor, "version": version, "date": date}


def _dmi(root: Path, name: str) -> str:
    found = dmi(root, name)
    if found is None:
        raise NotReportedError(f"the firmware does not report it (/{FOLDER})")
    return found
