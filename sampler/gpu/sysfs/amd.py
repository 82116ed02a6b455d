"""AMD GPUs. Source: amdgpu's files in sysfs (https://docs.kernel.org/gpu/amdgpu/driver-misc.html).

A GPU inside the processor (APU) has a small part of the memory for itself, the carve-out that is listed as VRAM. Models
are in the rest, which the driver calls GTT.
"""

import time
from functools import partial
from pathlib import Path

from sampler.gpu.gpus import VendorGpus
from sampler.gpu.plausible_values import Fields
from sampler.gpu.sysfs.drm_card import Card, cards, scaled
from sampler.gpu.sysfs.sysfs_gpu import SysfsGpu
from sampler.loop.schedule import Clock
from sampler.sources.kernel_file import content, number, text
from sampler.tolerant_read import TolerantReads

VENDOR_ID = "0x1002"
INTEGRATED: dict[int | None, bool] = {1: False, 2: True, 3: True}
"""If the GPU is inside the processor, by the revision of gpu_metrics's format (amdgpu's kgd_pp_interface.h)."""

MAX_CARVE_OUT = 1 << 30
"""Bytes. No card that can run models has less memory of its own than this. The carve-out of an APU may be larger."""


class AmdGpu(SysfsGpu):
    vendor = "AMD"

    def is_integrated(self) -> bool:
        """Return whether it is an APU.

        The kernel says so by the format of its metrics, else by a voltage that only APUs have (vddnb). Otherwise an APU
        has more GTT than VRAM, and either less VRAM than any card or no clock of its memory.
        """
        known = INTEGRATED.get(self._metrics_revision())
        if known is not None:
            return known
        if self._card.labelled("in", "vddnb") is not None:
            return True
        own, shared = self._memory("vram_total"), self._memory("gtt_total")
        is_small = own is not None and own <= MAX_CARVE_OUT
        return (shared or 0) > (own or 0) and (is_small or self._card.sensor("freq2_input", "fan1_input") is None)

    def total_memory(self) -> int | None:
        return self._usable("total")

    def shared_memory(self) -> int | None:
        return self._memory("gtt_total") if self.shares_memory else 0

    def vendor_fields(self, card: Card) -> Fields:
        """Return the fields that amdgpu reports. `power` is the card's on older cards, the chip's on newer ones."""
        return {
            "utilization": partial(number, card.device / "gpu_busy_percent"),
            "memory_used": partial(self._usable, "used"),
            "power": lambda: scaled(card.sensor("power1_average", "power1_input"), 1e6),
            "energy": lambda: scaled(card.sensor("energy1_input"), 1e6),
            "temperature": partial(card.temperature, "edge"),
            "sm_clock": lambda: _megahertz(card.sensor("freq1_input")),
            "memory_clock": lambda: _megahertz(card.sensor("freq2_input")),
            "memory_temperature": lambda: scaled(card.labelled("temp", "mem"), 1000),
        }

    def driver(self) -> str | None:
        version = text(self._root / "sys/module/amdgpu/version")
        return " ".join(part for part in (super().driver(), version) if part) or None

    def _usable(self, amount: str) -> int | None:
        """Return the bytes of VRAM, and of GTT if models may be there."""
        own, shared = self._memory(f"vram_{amount}"), self._memory(f"gtt_{amount}") if self.shares_memory else None
        return own if shared is None else (own or 0) + shared

    def _memory(self, name: str) -> int | None:
        return number(self._card.device / f"mem_info_{name}")

    def _metrics_revision(self) -> int | None:
        """Return the third byte of the metrics, or None if there are none."""
        try:
            return content(self._card.device / "gpu_metrics")[2]
        except (OSError, IndexError):  # older cards have none, and a sleeping card refuses to read them
            return None


class AmdGpus(VendorGpus):
    """All AMD GPUs. `first` is the number of the first, because another vendor's GPUs may come before."""

    def __init__(self, root: Path = Path("/"), first: int = 0, clock: Clock = time.monotonic) -> None:
        reads = TolerantReads("AMD")
        found = enumerate(cards(root, VENDOR_ID, reads), start=first)
        super().__init__([AmdGpu(card, index, root, clock) for index, card in found], AmdGpu.vendor, reads)


def _megahertz(hertz: int | None) -> int | None:
    return None if hertz is None else round(hertz / 1e6)
