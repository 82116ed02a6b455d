"""Values of the last inventory that stay, because a read that fails says nothing about the machine."""

from collections.abc import Collection
from typing import Any

Part = dict[str, Any]


def kept_values(name: str, found: Part, before: object, failed: Collection[str]) -> Part:
    """Return a part of the inventory with the last value of each field that could not be read."""
    last = before if isinstance(before, dict) else {}
    return {field: last.get(field) if f"{name} {field}" in failed else value for field, value in found.items()}


def kept_gpus(found: list[Part] | None, before: object, hidden: Collection[str]) -> list[Part]:
    """Return the GPUs with the last value of each unknown field, and those that cannot be opened now.

    `hidden` has the vendors of the latter. None means that no GPU could be read.
    """
    last = [gpu for gpu in before if isinstance(gpu, dict)] if isinstance(before, list) else []
    if found is None:
        return last
    kept, left = [], list(last)
    for gpu in found:
        same = next((old for old in left if _may_be(gpu, old)), None)
        if same:
            left.remove(same)
        kept.append({field: _known(gpu, same or {}, field) for field in gpu})
    for old in left:
        if old.get("vendor") in hidden:
            kept.insert(last.index(old), old)
    return kept


def _may_be(gpu: Part, old: Part) -> bool:
    return gpu["vendor"] == old.get("vendor") and (gpu["model"] is None or gpu["model"] == old.get("model"))


def _known(gpu: Part, old: Part, field: str) -> Any:  # noqa: ANN401 - any field's
    return old.get(field) if gpu[field] is None else gpu[field]
