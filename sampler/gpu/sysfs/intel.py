"""Intel GPUs. Source: the files of i915 and xe in sysfs.

Neither driver reports there how busy a GPU is. A GPU inside a processor reports only a clock. It counts if the machine
has no other GPU: it then may use all of the machine's memory.
"""

import time
from functools import partial
from pathlib import Path

from sampler.gpu.gpus import VendorGpus
from sampler.gpu.plausible_values import Fields
from sampler.gpu.sysfs.drm_card import Card, cards, scaled
from sampler.gpu.sysfs.sysfs_gpu import SysfsGpu
from sampler.loop.schedule import Clock
from sampler.sources import alternatives
from sampler.sources.kernel_file import number
from sampler.sources.memory import total
from sampler.tolerant_read import TolerantReads

VENDOR_ID = "0x8086"
CLOCKS = ("device/tile0/gt0/freq0/act_freq", "gt/gt0/rps_act_freq_mhz", "gt_act_freq_mhz", "gt_cur_freq_mhz")
"""Files with MHz below the card, of xe, of i915 and of its older versions. The first one found counts."""
MEMORY = ("device/tile0/physical_vram_size_bytes", "device/lmem_total_bytes", "lmem_total_bytes")
UNREPORTED_FIELDS = ("utilization", "memory_used", "power")


class IntelGpu(SysfsGpu):
    vendor = "Intel"

    def is_integrated(self) -> bool:
        """Return whether the card has neither an energy counter nor memory of its own."""
        return not _is_discrete(self._card)

    def total_memory(self) -> int | None:
        return total(self._root) if self.shares_memory else _own_memory(self._card)

    def shared_memory(self) -> int | None:
        return total(self._root) if self.shares_memory else 0

    def vendor_fields(self, card: Card) -> Fields:
        clocks = [card.directory / name for name in CLOCKS]
        return {
            **dict.fromkeys(UNREPORTED_FIELDS, lambda: None),
            "energy": lambda: scaled(card.sensor("energy1_input"), 1e6),
            "temperature": lambda: card.temperature("pkg"),
            "sm_clock": lambda: alternatives.first(number, clocks),
            "memory_temperature": lambda: scaled(card.labelled("temp", "vram"), 1000),
        }


class IntelGpus(VendorGpus):
    """Intel's discrete GPUs, or the one inside the processor if `integrated` is set and there is no other.

    `first` is the number of the first, because another vendor's GPUs may come before.
    """

    def __init__(
        self, root: Path = Path("/"), first: int = 0, clock: Clock = time.monotonic, *, integrated: bool = False
    ) -> None:
        reads = TolerantReads("Intel")
        found = cards(root, VENDOR_ID, reads)
        discrete = [card for card in found if reads.read(card.directory.name, partial(_is_discrete, card))]
        used = discrete or (found if integrated else [])
        self._left_out = [_name(card, root, reads) for card in found if card not in used]
        gpus = [IntelGpu(card, index, root, clock) for index, card in enumerate(used, start=first)]
        super().__init__(gpus, IntelGpu.vendor, reads)

    def missing(self) -> dict[str, str]:
        left_out = {f"gpu {name}": "inside the processor: it reports no load or memory" for name in self._left_out}
        return left_out | super().missing()


def _name(card: Card, root: Path, reads: TolerantReads) -> str:
    return reads.read(card.directory.name, lambda: card.model(IntelGpu.vendor, root)) or card.directory.name


def _is_discrete(card: Card) -> bool:
    return card.sensor("energy1_input") is not None or _own_memory(card) is not None


def _own_memory(card: Card) -> int | None:
    return alternatives.first(number, [card.directory / name for name in MEMORY])
