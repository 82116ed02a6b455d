"""AMD's GPUs. Source: amdgpu's files in sysfs (https://docs.kernel.org/gpu/amdgpu/driver-misc.html)."""

import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from sampler.cadence import Clock, Seldom
from sampler.gpu import fdinfo
from sampler.gpu.drm import Card, cards, scaled, untold
from sampler.readings import Gpu

VENDOR, VENDOR_ID = "AMD", "0x1002"
SLOW_S = 1.0
"""What changes slowly, and Ollama's memory, which takes a look at all of its open files."""


class AmdGpus:
    """`first` is the number of the first one, where another vendor's come before."""

    def __init__(self, root: Path = Path("/"), first: int = 0, clock: Clock = time.monotonic) -> None:
        self._gpus = [AmdGpu(card, first + place, root, clock) for place, card in enumerate(cards(root, VENDOR_ID))]

    def read(self, ollama: Collection[int]) -> tuple[Gpu, ...]:
        return tuple(gpu.read(ollama) for gpu in self._gpus)

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu.inventory() for gpu in self._gpus]

    def missing(self) -> dict[str, str]:
        return {what: reason for gpu in self._gpus for what, reason in gpu.missing().items()}


class AmdGpu:
    def __init__(self, card: Card, index: int, root: Path, clock: Clock) -> None:
        self._card = card
        self._index = index
        self._root = root
        self._name = card.model(VENDOR, root)
        self._pids: Collection[int] = ()
        self._total = card.number(card.device / "mem_info_vram_total")
        self._link = Seldom(card.link, SLOW_S, clock)
        self._memory_ollama = Seldom(self._held, SLOW_S, clock)

    def read(self, ollama: Collection[int]) -> Gpu:
        """`power` is of the whole card on older ones, of the chip on newer ones, as the driver has it."""
        card, self._pids = self._card, ollama
        generation, width = self._link()
        return Gpu(
            index=self._index,
            name=self._name,
            utilization=card.number(card.device / "gpu_busy_percent"),
            memory_used=card.number(card.device / "mem_info_vram_used"),
            memory_total=self._total,
            memory_ollama=self._memory_ollama(),
            power=scaled(card.sensor("power1_average", "power1_input"), 1e6),
            energy=scaled(card.sensor("energy1_input"), 1e6),
            temperature=scaled(_edge(card), 1000),
            sm_clock=_megahertz(card.sensor("freq1_input")),
            memory_clock=_megahertz(card.sensor("freq2_input")),
            memory_temperature=scaled(card.labelled("temp", "mem"), 1000),
            pcie_generation=generation,
            pcie_width=width,
            vendor=VENDOR,
        )

    def inventory(self) -> dict[str, Any]:
        version = self._card.text(self._root / "sys/module/amdgpu/version")
        driver = " ".join(word for word in (self._card.driver, version) if word)
        return {
            "model": self._name,
            "driver": driver or None,
            "memory": self._total,
            "vendor": VENDOR,
            "instances": [],
        }

    def missing(self) -> dict[str, str]:
        return untold(self.read(self._pids))

    def _held(self) -> int | None:
        return fdinfo.video_memory(self._root, self._card.address or "", self._pids)


def _edge(card: Card) -> int | None:
    labelled = card.labelled("temp", "edge")
    return card.sensor("temp1_input") if labelled is None else labelled


def _megahertz(hertz: int | None) -> int | None:
    return None if hertz is None else round(hertz / 1e6)
