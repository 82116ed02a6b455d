"""AMD GPUs. Source: amdgpu's files in sysfs (https://docs.kernel.org/gpu/amdgpu/driver-misc.html)."""

import time
from pathlib import Path
from typing import Any

from sampler.gpu.drm import Card, cards, scaled
from sampler.gpu.sysfs import SysfsGpu, SysfsGpus
from sampler.schedule import Clock
from sampler.sources.kernel_file import number, text

VENDOR_ID = "0x1002"


class AmdGpu(SysfsGpu):
    vendor = "AMD"

    @staticmethod
    def total_memory(card: Card) -> int | None:
        return number(card.device / "mem_info_vram_total")

    def vendor_fields(self, card: Card) -> dict[str, Any]:
        """Return the fields that amdgpu reports. `power` is the card's on older cards, the chip's on newer ones."""
        return {
            "utilization": number(card.device / "gpu_busy_percent"),
            "memory_used": number(card.device / "mem_info_vram_used"),
            "power": scaled(card.sensor("power1_average", "power1_input"), 1e6),
            "energy": scaled(card.sensor("energy1_input"), 1e6),
            "temperature": card.temperature("edge"),
            "sm_clock": _megahertz(card.sensor("freq1_input")),
            "memory_clock": _megahertz(card.sensor("freq2_input")),
            "memory_temperature": scaled(card.labelled("temp", "mem"), 1000),
        }

    def driver(self) -> str | None:
        version = text(self._root / "sys/module/amdgpu/version")
        return " ".join(part for part in (super().driver(), version) if part) or None


class AmdGpus(SysfsGpus):
    """All AMD GPUs. `first` is the number of the first, because another vendor's GPUs may come before."""

    def __init__(self, root: Path = Path("/"), first: int = 0, clock: Clock = time.monotonic) -> None:
        super().__init__(
            [AmdGpu(card, index, root, clock) for index, card in enumerate(cards(root, VENDOR_ID), start=first)]
        )


def _megahertz(hertz: int | None) -> int | None:
    return None if hertz is None else round(hertz / 1e6)
