from pathlib import Path

import pytest

from sampler.inventory.firmware import bios
from tests.support.machine.sysfs import write


@pytest.mark.parametrize(("date", "iso"), [("08/15/2025", "2025-08-15"), ("unset", None), ("", None)])
def test_the_bios_is_read_from_dmi(tmp_path: Path, date: str, iso: str | None) -> None:
    dmi = tmp_path / "sys/class/dmi/id"
    dmi.mkdir(parents=True)
    (dmi / "bios_vendor").write_text("American Megatrends Inc.\n")
    (dmi / "bios_version").write_text("F33\n")
    (dmi / "bios_date").write_text(f"{date}\n")
    assert bios.describe(tmp_path) == {"vendor": "American Megatrends Inc.", "version": "F33", "date": iso}


@pytest.mark.parametrize(
    "written", ["To be filled by O.E.M.", "Default string", "Not Specified", "xxxxxxx", " ", "N/A"]
)
def test_a_placeholder_is_unknown(tmp_path: Path, written: str) -> None:
    write(tmp_path / "sys/class/dmi/id", bios_vendor=written, bios_version=written, bios_date=written)
    assert set(bios.describe(tmp_path).values()) == {None}


def test_no_dmi_is_unknown(tmp_path: Path) -> None:
    assert bios.describe(tmp_path) == {"vendor": None, "version": None, "date": None}
