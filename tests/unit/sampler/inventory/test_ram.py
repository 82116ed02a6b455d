from pathlib import Path

import psutil

from sampler.inventory import ram

DDR4, DDR5 = 0x1A, 0x22
SLOTS = "sys/firmware/dmi/entries"


def module(entry: Path, size: int, kind: int, speed: int, configured: int | None) -> None:
    """Write a memory device's structure (type 17), of SMBIOS 2.3 if it has no configured speed."""
    structure = bytearray(0x1B if configured is None else 0x22)
    structure[0:2] = bytes((17, len(structure)))
    structure[0x0C:0x0E] = size.to_bytes(2, "little")
    structure[0x12] = kind
    structure[0x15:0x17] = speed.to_bytes(2, "little")
    if configured is not None:
        structure[0x20:0x22] = configured.to_bytes(2, "little")
    entry.mkdir(parents=True)
    (entry / "raw").write_bytes(bytes(structure) + b"DIMM 0\0Samsung\0\0")


def test_modules_give_their_type_and_the_slowest_speed(tmp_path: Path) -> None:
    module(tmp_path / SLOTS / "17-0", 16384, DDR5, 6000, 5200)
    module(tmp_path / SLOTS / "17-1", 0, 2, 0, 0)  # an empty slot
    module(tmp_path / SLOTS / "17-2", 16384, DDR5, 6000, 4800)
    total = psutil.virtual_memory().total
    assert ram.describe(tmp_path) == {"total": total, "type": "DDR5", "frequency": 4800}


def test_an_old_bios_gives_the_modules_rated_speed(tmp_path: Path) -> None:
    module(tmp_path / SLOTS / "17-0", 8192, DDR4, 2666, None)
    assert ram.describe(tmp_path)["frequency"] == 2666


def test_mixed_types_and_unknown_speeds_are_unknown(tmp_path: Path) -> None:
    module(tmp_path / SLOTS / "17-0", 8192, DDR4, 0xFFFF, 0)
    module(tmp_path / SLOTS / "17-1", 8192, DDR5, 0, 0)
    described = ram.describe(tmp_path)
    assert (described["type"], described["frequency"]) == (None, None)


def test_unreadable_structures_are_unknown(tmp_path: Path) -> None:
    # Permissions would not stop root; reading a directory fails for everyone.
    (tmp_path / SLOTS / "17-0/raw").mkdir(parents=True)
    described = ram.describe(tmp_path)
    assert (described["type"], described["frequency"]) == (None, None)
