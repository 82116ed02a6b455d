"""GPU memory of processes. Source: Linux's /proc/PID/fdinfo, which only the process's user and root can read.

https://docs.kernel.org/gpu/drm-usage-stats.html
"""

import os
from collections.abc import Collection
from pathlib import Path

from sampler.sources.kernel_file import text

UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
VRAM = ("drm-resident-vram", "drm-memory-vram", "drm-resident-vram0", "drm-total-vram0", "drm-resident-local0")
"""Names used by amdgpu since and before Linux 6.14, by xe, and by i915. The first one found counts."""

SHARED = ("drm-resident-gtt", "drm-memory-gtt", "drm-resident-system0", "drm-total-system0")
"""System memory that the GPU uses, by amdgpu and xe, and by i915. A GPU inside the processor keeps its models there."""

Memory = tuple[int, int]
"""Bytes of the GPU's own and of the machine's memory."""


def memory(root: Path, address: str, pids: Collection[int], *, shared: bool) -> int | None:
    """Return the bytes that the processes hold on the GPU at a PCI address, with `shared` also the machine's memory.

    None if they do not use it. Without `shared` also None if they hold more system memory than video memory: what is
    in the machine's memory is then not on the GPU.

    Raises:
        PermissionError: if they are another user's.
    """
    clients: dict[str, Memory] = {}
    for pid in pids:
        clients |= _by_client(str(root / f"proc/{pid}/fdinfo"), address)
    own, machine = (sum(held[kind] for held in clients.values()) for kind in (0, 1))
    if not clients or (machine > own and not shared):
        return None
    return own + machine if shared else own


def _by_client(folder: str, address: str) -> dict[str, Memory]:
    """Return the memory by driver client, which several files and processes may have open."""
    clients = {}
    try:
        for name in os.listdir(folder):  # noqa: PTH208 - there may be thousands of files
            facts = _facts(Path(folder, name))
            if facts.get("drm-pdev") == address:
                clients[facts.get("drm-client-id", name)] = _bytes(facts, VRAM), _bytes(facts, SHARED)
    except (FileNotFoundError, ProcessLookupError):  # the process has ended
        return {}
    return clients


def _facts(file: Path) -> dict[str, str]:
    try:
        lines = (text(file) or "").splitlines()
    except ProcessLookupError:  # closed in the meantime
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _bytes(facts: dict[str, str], names: Collection[str]) -> int:
    words = next((facts[name] for name in names if name in facts), "0").split()
    return int(words[0]) * UNITS["".join(words[1:])]
