"""What a process holds of a GPU's memory, by Linux's /proc/PID/fdinfo, which shows a process to its own user and root.

https://docs.kernel.org/gpu/drm-usage-stats.html
"""

from collections.abc import Collection
from pathlib import Path

UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20}
MEMORY = ("drm-resident-vram", "drm-memory-vram", "drm-resident-vram0", "drm-total-vram0", "drm-resident-local0")
"""Of amdgpu now and before Linux 6.14, of xe, and of i915; the first that is there counts."""


def video_memory(root: Path, address: str, pids: Collection[int]) -> int | None:
    """Bytes that the processes hold of the GPU at a PCI address; None without processes, or where others own them."""
    if not pids:
        return None
    held: dict[str, int] = {}
    try:
        for pid in pids:
            held |= _by_client(root / f"proc/{pid}/fdinfo", address)
    except PermissionError:
        return None
    return sum(held.values())


def _by_client(folder: Path, address: str) -> dict[str, int]:
    """A client of the driver may be open under several numbers, and in several processes."""
    held = {}
    try:
        for file in folder.iterdir():
            facts = _facts(file)
            if facts.get("drm-pdev") == address:
                held[facts.get("drm-client-id", file.name)] = _memory(facts)
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return {}
    return held


def _facts(file: Path) -> dict[str, str]:
    try:
        words = file.read_text()
    except (FileNotFoundError, ProcessLookupError):  # closed meanwhile
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in words.splitlines())}


def _memory(facts: dict[str, str]) -> int:
    words = next((facts[name] for name in MEMORY if name in facts), "0").split()
    return int(words[0]) * UNITS["".join(words[1:])]
