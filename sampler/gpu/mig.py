"""A GPU that is parted into instances (Multi-Instance GPU), each with memory and processors of its own."""

from collections.abc import Callable
from typing import Any

import pynvml

Ask = Callable[..., Any]
"""Makes a call to NVML for this GPU by its name; None where that is not to be had."""


def is_parted(ask: Ask) -> bool:
    """Most GPUs know nothing of it, which is no."""
    modes = ask("nvmlDeviceGetMigMode")
    return bool(modes and modes[0] == pynvml.NVML_DEVICE_MIG_ENABLE)


def instances(ask: Ask) -> list[dict[str, Any]]:
    """`{model, memory}` of each, memory in bytes."""
    places = range(ask("nvmlDeviceGetMaxMigDeviceCount") or 0)
    found = [_described(handle) for place in places if (handle := _handle(ask, place))]
    return [instance for instance in found if instance]


def _handle(ask: Ask, place: int) -> Any:  # noqa: ANN401 - pynvml has no types
    """None, or [] as `ask` puts it, where no instance is made."""
    return ask("nvmlDeviceGetMigDeviceHandleByIndex", place, none=(pynvml.NVML_ERROR_NOT_FOUND,))


def _described(handle: Any) -> dict[str, Any] | None:  # noqa: ANN401 - pynvml has no types
    try:
        return {"model": pynvml.nvmlDeviceGetName(handle), "memory": pynvml.nvmlDeviceGetMemoryInfo(handle).total}
    except pynvml.NVMLError:  # taken apart meanwhile
        return None
