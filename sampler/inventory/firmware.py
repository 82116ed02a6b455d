"""The BIOS. Source: /sys/class/dmi/id, which virtual machines and ARM boards may lack."""

from datetime import datetime
from pathlib import Path

from sampler.sources.kernel_file import text


def describe(root: Path) -> dict[str, str | None]:
    dmi = root / "sys/class/dmi/id"
    return {
        "vendor": text(dmi / "bios_vendor"),
        "version": text(dmi / "bios_version"),
        "date": _iso_date(text(dmi / "bios_date")),
    }


def _iso_date(date: str | None) -> str | None:
    """Convert DMI's 12/31/2025 to 2025-12-31."""
    try:
        return date and datetime.strptime(date, "%m/%d/%Y").date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
