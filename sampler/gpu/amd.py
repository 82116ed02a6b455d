"""AMD's GPUs. Source: amdgpu's files in sysfs (https://docs.kernel.org/gpu/amdgpu/driver-misc.html)."""

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

    def told(self, card: Card) -> dict[str, Any]:
        """`power` is of the whole card on older ones, of the chip on newer ones, as the driver has it."""
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
        return " ".join(word for word in (super().driver(), version) if word) or None


class AmdGpus(SysfsGpus):
    """`first` is the number of the first one, where another vendor's come before."""

    def __init__(self, root: Path = Path("/"), first: int = 0, clock: Clock = time.monotonic) -> None:
        super().__init__(
            [AmdGpu(card, first + place, root, clock) for place, card in enumerate(cards(root, VENDOR_ID))]
        )


def _megahertz(hertz: int | None) -> int | None:
    return None if hertz is None else round(hertz / 1e6)
