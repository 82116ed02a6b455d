"""Intel's GPUs. Source: the files of i915 and xe in sysfs.

Neither driver tells there how busy a GPU is. Those in a processor tell nothing but a clock, have no memory of their
own, and are left out.
"""

import time
from pathlib import Path
from typing import Any

from sampler.gpu.drm import Card, cards, scaled
from sampler.gpu.sysfs import SysfsGpu, SysfsGpus
from sampler.schedule import Clock
from sampler.sources.kernel_file import number, text

VENDOR_ID = "0x8086"
CLOCKS = ("device/tile0/gt0/freq0/act_freq", "gt/gt0/rps_act_freq_mhz", "gt_act_freq_mhz", "gt_cur_freq_mhz")
"""MHz, below the card: of xe, of i915 and of older ones; the first that is there counts."""
MEMORY = ("device/tile0/physical_vram_size_bytes", "device/lmem_total_bytes", "lmem_total_bytes")


class IntelGpu(SysfsGpu):
    vendor = "Intel"

    @staticmethod
    def total_memory(card: Card) -> int | None:
        found = (text(card.directory / name) for name in MEMORY)
        return next((int(word, 0) for word in found if word), None)  # xe writes it in hexadecimal

    def told(self, card: Card) -> dict[str, Any]:
        return {
            "energy": scaled(card.sensor("energy1_input"), 1e6),
            "temperature": card.temperature("pkg"),
            "sm_clock": next((mhz for name in CLOCKS if (mhz := number(card.directory / name)) is not None), None),
            "memory_temperature": scaled(card.labelled("temp", "vram"), 1000),
        }


class IntelGpus(SysfsGpus):
    """`first` is the number of the first one, where another vendor's come before."""

    def __init__(self, root: Path = Path("/"), first: int = 0, clock: Clock = time.monotonic) -> None:
        found = cards(root, VENDOR_ID)
        discrete = [card for card in found if _is_discrete(card)]
        self._left_out = [card.model(IntelGpu.vendor, root) for card in found if card not in discrete]
        super().__init__([IntelGpu(card, first + place, root, clock) for place, card in enumerate(discrete)])

    def missing(self) -> dict[str, str]:
        parts = {f"gpu {name}": "in the processor: it tells neither load nor memory" for name in self._left_out}
        return parts | super().missing()


def _is_discrete(card: Card) -> bool:
    return card.sensor("energy1_input") is not None or IntelGpu.total_memory(card) is not None
