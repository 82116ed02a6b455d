"""The machine's GPUs behind one interface, which a machine without GPUs has too."""

import sys
from pathlib import Path

import pynvml

from sampler.gpu.amd import AmdGpus
from sampler.gpu.gpus import CombinedGpus, Gpus, NoGpus
from sampler.gpu.intel import IntelGpus
from sampler.gpu.nvidia import NvidiaGpus

__all__ = ["Gpus", "find"]

APPLE = "Apple shows the load of its GPU only to root (powermetrics)"


def find(root: Path = Path("/")) -> Gpus:
    """Find the GPUs of NVIDIA, then AMD, then Intel, numbered in this order."""
    nvidia, reason = _nvidia()
    amd = AmdGpus(root, first=_count(nvidia))
    intel = IntelGpus(root, first=max(_count(nvidia), _count(amd)))
    found: list[Gpus] = [gpus for gpus in (nvidia, amd, intel) if gpus and (gpus.inventory() or gpus.missing())]
    if not any(_count(gpus) for gpus in found):
        found.append(
            NoGpus(APPLE if sys.platform == "darwin" else f"no NVIDIA driver ({reason}), no AMD or Intel card")
        )
    return found[0] if len(found) == 1 else CombinedGpus(found)


def _nvidia() -> tuple[NvidiaGpus | None, str]:
    """Return NVIDIA's GPUs, or None and the reason if the driver does not work."""
    try:
        return NvidiaGpus(), ""
    except pynvml.NVMLError as error:
        # NVMLError_LibraryNotFound means that there is no driver. Other errors mean that it is broken or not loaded.
        return None, str(error)


def _count(gpus: Gpus | None) -> int:
    """Return how many GPU numbers are in use. A GPU that is left out keeps its number."""
    return 1 + max((gpu.index for gpu in gpus.read(())), default=-1) if gpus else 0
