"""The machine's GPUs behind one interface, which a machine without GPUs has too."""

import sys
import time
from pathlib import Path

import pynvml

from sampler.gpu.gpus import CombinedGpus, Gpus, NoGpus
from sampler.gpu.nvidia.nvidia_gpus import VENDOR, NvidiaGpus
from sampler.gpu.sysfs.amd import AmdGpus
from sampler.gpu.sysfs.intel import IntelGpus
from sampler.loop.schedule import Clock
from sampler.sources import alternatives
from sampler.sources.kernel_file import entries, text
from sampler.tolerant_read import TolerantReads

__all__ = ["Gpus", "find"]

APPLE = "Apple shows the load of its GPU only to root (powermetrics)"
NVIDIA_ID = "0x10de"


def find(root: Path = Path("/"), clock: Clock = time.monotonic) -> Gpus:
    """Find the GPUs of NVIDIA, then AMD, then Intel, numbered in this order.

    An Intel GPU inside the processor counts only if there is no other. A vendor that fails loses only its own GPUs.
    """
    reads = TolerantReads()
    nvidia = reads.read(VENDOR, lambda: _nvidia(root, clock))
    amd = reads.read("AMD", lambda: AmdGpus(root, _count(nvidia), clock))
    others = max(_count(nvidia), _count(amd))
    intel = reads.read("Intel", lambda: IntelGpus(root, others, clock, integrated=not others))
    found: list[Gpus] = [gpus for gpus in (nvidia, amd, intel) if gpus and (gpus.inventory() or gpus.missing())]
    if not any(_count(gpus) for gpus in found):
        why = reads.missing.get(VENDOR, "not installed")
        found.append(NoGpus(APPLE if sys.platform == "darwin" else f"no NVIDIA driver ({why}), no AMD or Intel card"))
    return found[0] if len(found) == 1 and not reads.missing else CombinedGpus(found, reads)


def _nvidia(root: Path, clock: Clock) -> NvidiaGpus | None:
    """Return NVIDIA's GPUs, or None if there is no driver, or a driver without a GPU.

    Raises:
        pynvml.NVMLError: if the driver is broken or not loaded yet.
    """
    try:
        return NvidiaGpus(clock)
    except pynvml.NVMLError_LibraryNotFound:
        return None
    except pynvml.NVMLError:
        devices = alternatives.known(text, [device / "vendor" for device in entries(root / "sys/bus/pci/devices")])
        if devices and NVIDIA_ID not in devices:
            return None
        raise


def _count(gpus: Gpus | None) -> int:
    """Return how many GPU numbers are in use. A GPU that is left out keeps its number."""
    return 1 + max((gpu.index for gpu in gpus.read(())), default=-1) if gpus else 0
