"""Intel GPUs. Source: the files of i915 and xe in sysfs.

Neither driver reports there how busy a GPU is. GPUs inside a processor report only a clock and have no memory of their
own, so they are left out.
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
"""Files with MHz below the card, of xe, of i915 and of its older versions. The first one found counts."""
MEMORY = ("device/tile0/physical_vram_size_bytes", "device/lmem_total_bytes", "lmem_total_bytes")


class IntelGpu(SysfsGpu):
    vendor = "Intel"

    @staticmethod
    def total_memory(card: Card) -> int | None:
        found = (text(card.directory / name) for name in MEMORY)
        return next((int(size, 0) for size in found if size), None)  # xe writes it in hexadecimal

    def vendor_fields(self, card: Card) -> dict[str, Any]:
        return {
            "energy": scaled(card.sensor("energy1_input"), 1e6),
            "temperature": card.temperature("pkg"),
            "sm_clock": next((mhz for name in CLOCKS if (mhz := number(card.directory / name)) is not None), None),
            "memory_temperature": scaled(card.labelled("temp", "vram"), 1000),
        }


class IntelGpus(SysfsGpus):
    """All discrete Intel GPUs. `first` is the number of the first, because another vendor's GPUs may come before."""

    def __init__(self, root: Path = Path("/"), first: int = 0, clock: Clock = time.monotonic) -> None:
        found = cards(root, VENDOR_ID)
        discrete = [card for card in found if _is_discrete(card)]
        self._left_out = [card.model(IntelGpu.vendor, root) for card in found if card not in discrete]
        super().__init__([IntelGpu(card, index, root, clock) for index, card in enumerate(discrete, start=first)])

    def missing(self) -> dict[str, str]:
        left_out = {f"gpu {name}": "inside the processor: no load or memory is reported" for name in self._left_out}
        return left_out | super().missing()


def _is_discrete(card: Card) -> bool:
    return card.sensor("energy1_input") is not None or IntelGpu.total_memory(card) is not None
