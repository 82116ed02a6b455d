"""The values that a GPU can have. Drivers also return placeholders: 0 W, 255 °C, 2^32-1, 2^64-1."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sampler.tolerant_read import NotReportedError, TolerantReads

PERCENT = (0, 100)
BYTES = (0, 1 << 50)
CELSIUS = (1, 125)
MHZ = (0, 20_000)

RANGES: dict[str, tuple[float, float]] = {
    "utilization": PERCENT,
    "utilization_foreign": PERCENT,
    "memory_used": BYTES,
    "memory_total": (1, 1 << 50),
    "memory_ollama": BYTES,
    "power": (0.001, 10_000),
    "energy": (0, 1e13),
    "temperature": CELSIUS,
    "memory_temperature": CELSIUS,
    "sm_clock": MHZ,
    "memory_clock": MHZ,
    "pcie_generation": (1, 16),
    "pcie_width": (1, 64),
}
"""Smallest and largest value of each field, in the units of `sampler.readings.GpuReading`."""

Fields = dict[str, Callable[[], Any]]
"""Reads by the field of a reading that they give."""


def checked(fields: Fields, none: str = "") -> Fields:
    """Return the reads so that each raises ValueError for a value outside its range.

    With `none`, each that gives no value raises NotReportedError with this reason.
    """
    return {
        name: partial(_checked, read, *RANGES[name], none) if name in RANGES else read for name, read in fields.items()
    }


def read(fields: Fields, reads: TolerantReads) -> dict[str, Any]:
    """Return the value of each field, or None if its read fails."""
    return {name: reads.read(name.replace("_", " "), each) for name, each in fields.items()}


def compare(values: dict[str, Any], reads: TolerantReads) -> None:
    """Set the memory in use to None if it is more than there is."""
    used, total = values["memory_used"], values["memory_total"]
    if used is not None and total is not None and used > total:
        values["memory_used"] = None
        reads.note("memory used", f"the driver reports {used} of {total} bytes")


def _checked(read: Callable[[], float | None], least: float, largest: float, none: str) -> float | None:
    value = read()
    if value is None and none:
        raise NotReportedError(none)
    if value is None or least <= value <= largest:
        return value
    raise ValueError(f"the driver reports {value:g}")
