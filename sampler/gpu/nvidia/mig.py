"""A GPU that is partitioned into instances (Multi-Instance GPU), each with memory and processors of its own."""

from collections.abc import Callable
from typing import Any

import pynvml

from sampler.printable import printable

Ask = Callable[..., Any]
"""Calls the named NVML function for this GPU, and returns None if that fails."""


def is_partitioned(ask: Ask) -> bool:
    """Return whether MIG is on. Most GPUs do not support it."""
    modes = ask("nvmlDeviceGetMigMode")
    return bool(modes and modes[0] == pynvml.NVML_DEVICE_MIG_ENABLE)


def instances(ask: Ask) -> list[dict[str, Any]]:
    """Return `{model, memory}` of each instance, memory in bytes."""
    indices = range(ask("nvmlDeviceGetMaxMigDeviceCount") or 0)
    found = [_describe(handle) for index in indices if (handle := _handle(ask, index))]
    return [instance for instance in found if instance]


def _handle(ask: Ask, index: int) -> Any:  # noqa: ANN401 - pynvml has no types
    """Return the instance's handle, or a false value (None or []) if there is no such instance."""
    return ask("nvmlDeviceGetMigDeviceHandleByIndex", index, none=(pynvml.NVML_ERROR_NOT_FOUND,))


def _describe(handle: Any) -> dict[str, Any] | None:  # noqa: ANN401 - pynvml has no types
    try:
        name, memory = pynvml.nvmlDeviceGetName(handle), pynvml.nvmlDeviceGetMemoryInfo(handle)
        return {"model": printable(name), "memory": memory.total}
    except (pynvml.NVMLError, UnicodeDecodeError):  # removed in the meantime, or an unreadable name
        return None
