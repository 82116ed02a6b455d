"""GPU memory of processes. Source: Linux's /proc/PID/fdinfo, which only the process's user and root can read.

https://docs.kernel.org/gpu/drm-usage-stats.html
"""

from collections.abc import Collection
from pathlib import Path

UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20}
VRAM = ("drm-resident-vram", "drm-memory-vram", "drm-resident-vram0", "drm-total-vram0", "drm-resident-local0")
"""Names used by amdgpu since and before Linux 6.14, by xe, and by i915. The first one found counts."""

SHARED = ("drm-resident-gtt", "drm-memory-gtt")
"""System memory that the GPU uses. A GPU inside the processor keeps its models there."""


def video_memory(root: Path, address: str, pids: Collection[int]) -> int | None:
    """Return the bytes that the processes hold on the GPU at a PCI address.

    None if they do not use it, if they are another user's, or if they hold more system memory than video memory: the
    driver does not report how much system memory is in use.
    """
    clients: dict[str, tuple[int, int]] = {}
    try:
        for pid in pids:
            clients |= _by_client(root / f"proc/{pid}/fdinfo", address)
    except PermissionError:
        return None
    video, shared = (sum(memory[kind] for memory in clients.values()) for kind in (0, 1))
    return video if clients and video >= shared else None


def _by_client(folder: Path, address: str) -> dict[str, tuple[int, int]]:
    """Return video and shared bytes by driver client, which several files and processes may have open."""
    clients = {}
    try:
        for file in folder.iterdir():
            facts = _facts(file)
            if facts.get("drm-pdev") == address:
                clients[facts.get("drm-client-id", file.name)] = _memory(facts, VRAM), _memory(facts, SHARED)
    except (FileNotFoundError, ProcessLookupError):  # the process has ended
        return {}
    return clients


def _facts(file: Path) -> dict[str, str]:
    try:
        lines = file.read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):  # closed in the meantime
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _memory(facts: dict[str, str], names: Collection[str]) -> int:
    words = next((facts[name] for name in names if name in facts), "0").split()
    return int(words[0]) * UNITS["".join(words[1:])]
