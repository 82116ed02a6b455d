"""The memory of a machine's own GPUs."""

from common.values.free_json import Json


def own_gpu_memory(inventory: Json) -> int | None:
    """Return the bytes of all GPUs that share none with the processor, None if they are unknown."""
    own = [gpu["memory"] for gpu in inventory.get("gpu") or () if gpu.get("memory") and not gpu.get("shared")]
    return sum(own) or None
