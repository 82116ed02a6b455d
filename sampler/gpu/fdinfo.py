"""What a process holds of a GPU's memory, by Linux's /proc/PID/fdinfo, which shows a process to its own user and root.

https://docs.kernel.org/gpu/drm-usage-stats.html
"""

from collections.abc import Collection
from pathlib import Path

UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20}
VRAM = ("drm-resident-vram", "drm-memory-vram", "drm-resident-vram0", "drm-total-vram0", "drm-resident-local0")
"""Of amdgpu now and before Linux 6.14, of xe, and of i915; the first that is there counts."""

SHARED = ("drm-resident-gtt", "drm-memory-gtt")
"""The machine's own memory, lent to the GPU; one in the processor holds its models there."""


def video_memory(root: Path, address: str, pids: Collection[int]) -> int | None:
    """Bytes that the processes hold of the GPU at a PCI address. None where they are not seen to use it, are another
    user's, or hold more of the machine's own memory, of which the GPU's driver does not tell how much is in use.
    """
    held: dict[str, tuple[int, int]] = {}
    try:
        for pid in pids:
            held |= _by_client(root / f"proc/{pid}/fdinfo", address)
    except PermissionError:
        return None
    own, shared = (sum(client[place] for client in held.values()) for place in (0, 1))
    return own if held and own >= shared else None


def _by_client(folder: Path, address: str) -> dict[str, tuple[int, int]]:
    """A client of the driver may be open under several numbers, and in several processes."""
    held = {}
    try:
        for file in folder.iterdir():
            facts = _facts(file)
            if facts.get("drm-pdev") == address:
                held[facts.get("drm-client-id", file.name)] = _memory(facts, VRAM), _memory(facts, SHARED)
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return {}
    return held


def _facts(file: Path) -> dict[str, str]:
    try:
        words = file.read_text()
    except (FileNotFoundError, ProcessLookupError):  # closed meanwhile
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in words.splitlines())}


def _memory(facts: dict[str, str], names: Collection[str]) -> int:
    words = next((facts[name] for name in names if name in facts), "0").split()
    return int(words[0]) * UNITS["".join(words[1:])]
