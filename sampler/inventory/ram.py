"""RAM. Sources: /proc/meminfo for its size; SMBIOS in /sys/firmware/dmi, which only root can read, for its type."""

from pathlib import Path
from typing import Any

from sampler.inventory import inventory_part
from sampler.sources import memory
from sampler.sources.kernel_file import content, entries, exists
from sampler.tolerant_read import NotReportedError, TolerantReads

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
ENTRIES = "sys/firmware/dmi/entries"
ROOT_ONLY = "only root can read it (dmidecode)"


def describe(root: Path, reads: TolerantReads | None = None) -> dict[str, Any]:
    return inventory_part.read("ram", FIELDS, root, reads)


def kind(root: Path) -> str:
    """Return the type of all modules."""
    types = {TYPES.get(module[TYPE]) for module in _modules(root)}
    found = types.pop() if len(types) == 1 else None
    if found is None:
        raise NotReportedError("the firmware reports several types or an unknown one" if types else _reason(root))
    return found


def frequency(root: Path) -> int:
    """Return the slowest module's transfer rate (MT/s), which data sheets call MHz."""
    modules = _modules(root)
    speeds = [speed for module in modules if (speed := _speed(module))]
    if not speeds:
        raise NotReportedError("the firmware does not report it" if modules else _reason(root))
    return min(speeds)


FIELDS = {"total": memory.total, "type": kind, "frequency": frequency}


def _modules(root: Path) -> list[bytes]:
    """Return one structure for each module. Empty slots have the size 0."""
    try:
        structures = [content(slot / "raw") for slot in entries(root / ENTRIES, "17-")]
    except PermissionError as error:
        raise NotReportedError(ROOT_ONLY) from error
    return [structure for structure in structures if len(structure) > SPEED and _word(structure, SIZE)]


def _reason(root: Path) -> str:
    has_entries = exists(root / ENTRIES)
    return ROOT_ONLY if has_entries else "the firmware does not report it (no SMBIOS)"


def _speed(module: bytes) -> int | None:
    known = [speed for offset in (CONFIGURED_SPEED, SPEED) if (speed := _word(module, offset)) not in UNKNOWN_SPEEDS]
    return known[0] if known else None


def _word(structure: bytes, offset: int) -> int:
    """Return a field of two bytes, or 0 if an older structure ends before it."""
    length = min(structure[1], len(structure))
    return int.from_bytes(structure[offset : offset + 2], "little") if offset + 2 <= length else 0
