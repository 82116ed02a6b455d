"""The BIOS. Source: /sys/class/dmi/id, which virtual machines and ARM boards may lack."""

from datetime import datetime
from pathlib import Path


def describe(root: Path) -> dict[str, str | None]:
    dmi = root / "sys/class/dmi/id"
    return {
        "vendor": _text(dmi / "bios_vendor"),
        "version": _text(dmi / "bios_version"),
        "date": _iso_date(_text(dmi / "bios_date")),
    }


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip() or None
    except OSError:
        return None


def _iso_date(date: str | None) -> str | None:
    """DMI writes 12/31/2025."""
    try:
        return date and datetime.strptime(date, "%m/%d/%Y").date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
