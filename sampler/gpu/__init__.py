"""The machine's GPUs behind one small interface; a machine without them gets a twin that has none."""

import sys
from pathlib import Path

import pynvml

from sampler.gpu.amd import AmdGpus
from sampler.gpu.gpus import Gpus
from sampler.gpu.intel import IntelGpus
from sampler.gpu.none import NoGpus
from sampler.gpu.nvidia import NvidiaGpus
from sampler.gpu.several import SeveralGpus

__all__ = ["Gpus", "find"]

APPLE = "Apple tells the load of its GPU to root only (powermetrics)"


def find(root: Path = Path("/")) -> Gpus:
    """NVIDIA's, then AMD's, then Intel's, numbered on."""
    nvidia, why = _nvidia()
    amd = AmdGpus(root, first=_count(nvidia))
    intel = IntelGpus(root, first=max(_count(nvidia), _count(amd)))
    parts: list[Gpus] = [part for part in (nvidia, amd, intel) if part and (part.inventory() or part.missing())]
    if not any(_count(part) for part in parts):
        parts.append(
            NoGpus(APPLE if sys.platform == "darwin" else f"no NVIDIA driver ({why}), and no card of AMD or Intel")
        )
    return parts[0] if len(parts) == 1 else SeveralGpus(parts)


def _nvidia() -> tuple[NvidiaGpus | None, str]:
    """And why not, where there is no driver to speak to."""
    try:
        return NvidiaGpus(), ""
    except pynvml.NVMLError as error:
        # NVMLError_LibraryNotFound where there is no driver; others where it is broken or not loaded.
        return None, str(error)


def _count(gpus: Gpus | None) -> int:
    """Numbers that are taken: one that is left out keeps its own."""
    return 1 + max((gpu.index for gpu in gpus.read(())), default=-1) if gpus else 0
