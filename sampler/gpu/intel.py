"""Intel's GPUs. Source: the files of i915 and xe in sysfs.

Neither driver tells there how busy a GPU is. Those in a processor tell nothing but a clock, have no memory of their
own, and are left out.
"""

import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from sampler.cadence import Clock, Seldom
from sampler.gpu import fdinfo
from sampler.gpu.drm import Card, cards, scaled, untold
from sampler.readings import Gpu

VENDOR, VENDOR_ID = "Intel", "0x8086"
SLOW_S = 1.0
CLOCKS = ("device/tile0/gt0/freq0/act_freq", "gt/gt0/rps_act_freq_mhz", "gt_act_freq_mhz", "gt_cur_freq_mhz")
"""MHz, below the card: of xe, of i915 and of older ones; the first that is there counts."""
MEMORY = ("device/tile0/physical_vram_size_bytes", "device/lmem_total_bytes", "lmem_total_bytes")


class IntelGpus:
    """`first` is the number of the first one, where another vendor's come before."""

    def __init__(self, root: Path = Path("/"), first: int = 0, clock: Clock = time.monotonic) -> None:
        found = cards(root, VENDOR_ID)
        discrete = [card for card in found if _is_discrete(card)]
        self._left_out = [card.model(VENDOR, root) for card in found if card not in discrete]
        self._gpus = [IntelGpu(card, first + place, root, clock) for place, card in enumerate(discrete)]

    def read(self, ollama: Collection[int]) -> tuple[Gpu, ...]:
        return tuple(gpu.read(ollama) for gpu in self._gpus)

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu.inventory() for gpu in self._gpus]

    def missing(self) -> dict[str, str]:
        parts = {f"gpu {name}": "in the processor: it tells neither load nor memory" for name in self._left_out}
        return parts | {what: reason for gpu in self._gpus for what, reason in gpu.missing().items()}


class IntelGpu:
    def __init__(self, card: Card, index: int, root: Path, clock: Clock) -> None:
        self._card = card
        self._index = index
        self._root = root
        self._name = card.model(VENDOR, root)
        self._total = _memory(card)
        self._pids: Collection[int] = ()
        self._link = Seldom(card.link, SLOW_S, clock)
        self._memory_ollama = Seldom(self._held, SLOW_S, clock)

    def read(self, ollama: Collection[int]) -> Gpu:
        card, self._pids = self._card, ollama
        generation, width = self._link()
        return Gpu(
            index=self._index,
            name=self._name,
            memory_total=self._total,
            memory_ollama=self._memory_ollama(),
            energy=scaled(card.sensor("energy1_input"), 1e6),
            temperature=scaled(_package(card), 1000),
            sm_clock=next((mhz for name in CLOCKS if (mhz := card.number(card.directory / name)) is not None), None),
            memory_temperature=scaled(card.labelled("temp", "vram"), 1000),
            pcie_generation=generation,
            pcie_width=width,
            vendor=VENDOR,
        )

    def inventory(self) -> dict[str, Any]:
        return {
            "model": self._name,
            "driver": self._card.driver,
            "memory": self._total,
            "vendor": VENDOR,
            "instances": [],
        }

    def missing(self) -> dict[str, str]:
        return untold(self.read(self._pids))

    def _held(self) -> int | None:
        return fdinfo.video_memory(self._root, self._card.address or "", self._pids)


def _is_discrete(card: Card) -> bool:
    return card.sensor("energy1_input") is not None or _memory(card) is not None


def _memory(card: Card) -> int | None:
    found = (card.text(card.directory / name) for name in MEMORY)
    return next((int(word, 0) for word in found if word), None)  # xe writes it in hexadecimal


def _package(card: Card) -> int | None:
    labelled = card.labelled("temp", "pkg")
    return card.sensor("temp1_input") if labelled is None else labelled
