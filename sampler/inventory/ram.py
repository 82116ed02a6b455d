"""RAM. Sources: psutil for its size; SMBIOS in /sys/firmware/dmi, which only root can read, for its type."""

from pathlib import Path
from typing import Any

import psutil

FIELDS = ("total", "type", "frequency")

# SMBIOS 3.7, 7.18: offsets in a memory device's structure, and the names of its types (7.18.2).
SIZE, TYPE, SPEED, CONFIGURED_SPEED = 0x0C, 0x12, 0x15, 0x20
TYPES = {
    0x13: "DDR2",
    0x18: "DDR3",
    0x1A: "DDR4",
    0x1B: "LPDDR",
    0x1C: "LPDDR2",
    0x1D: "LPDDR3",
    0x1E: "LPDDR4",
    0x20: "HBM",
    0x21: "HBM2",
    0x22: "DDR5",
    0x23: "LPDDR5",
    0x24: "HBM3",
}
UNKNOWN_SPEEDS = (0, 0xFFFF)


def describe(root: Path) -> dict[str, Any]:
    """Describe the RAM. `frequency` is the slowest module's transfer rate (MT/s), which data sheets call MHz."""
    modules = [module for module in _structures(root) if _word(module, SIZE)]
    types = {TYPES.get(module[TYPE]) for module in modules}
    speeds = [speed for module in modules if (speed := _speed(module))]
    return {
        "total": psutil.virtual_memory().total,
        "type": types.pop() if len(types) == 1 else None,
        "frequency": min(speeds, default=None),
    }


def _structures(root: Path) -> list[bytes]:
    """Return one structure for each slot. Empty slots have the size 0."""
    try:
        return [path.read_bytes() for path in sorted(root.glob("sys/firmware/dmi/entries/17-*/raw"))]
    except OSError:
        return []


def _speed(module: bytes) -> int | None:
    known = [speed for offset in (CONFIGURED_SPEED, SPEED) if (speed := _word(module, offset)) not in UNKNOWN_SPEEDS]
    return known[0] if known else None


def _word(structure: bytes, offset: int) -> int:
    """Return a field of two bytes, or 0 if an older structure ends before it."""
    length = structure[1]
    return int.from_bytes(structure[offset : offset + 2], "little") if offset + 2 <= length else 0
