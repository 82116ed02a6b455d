"""The memory that a model's context takes, from what its file says of its attention.

For each token of context, the server keeps a key and a value of each layer. Nothing is loaded for this.
"""

from collections.abc import Mapping
from dataclasses import dataclass

BYTES = 2
"""Bytes of a number in the cache, unless it is quantised."""
OTHER_STATES = ("ssm.", "wkv.", "kda.", "shortconv.")
"""Beginnings of the names that layers with other states than keys and values have."""


@dataclass(frozen=True)
class ContextMemory:
    """Bytes for each token of context with numbers of 16 bits; None if they are unknown, for the `reason`.

    With `is_upper_bound`, they may be fewer: layers with a sliding window keep only the last tokens, and the file does
    not say how many layers do.
    """

    per_token: int | None
    is_upper_bound: bool = False
    reason: str | None = None


NOT_REPORTED = ContextMemory(None, reason="Ollama does not report the number and size of its attention heads")


def context_memory(own: Mapping[str, object]) -> ContextMemory:
    """Return what the context takes. `own` are the facts of /api/show under the model's own architecture."""
    if own.get("attention.causal") is False:
        return ContextMemory(0)  # an encoder reads a text at once
    if any(name.startswith(OTHER_STATES) for name in own):
        return ContextMemory(None, reason="some of its layers keep another state than a context")
    if own.get("attention.kv_lora_rank"):
        return ContextMemory(None, reason="it compresses its context, and servers differ in how they keep it")
    heads, width = _heads(own), _width(own)
    if heads is None or width is None:
        return NOT_REPORTED
    return ContextMemory(heads * width * BYTES, is_upper_bound=bool(_whole(own.get("attention.sliding_window"))))


def _heads(own: Mapping[str, object]) -> int | None:
    """Return the number of heads whose keys and values are kept, of all layers together."""
    layers = _whole(own.get("block_count"))
    kept = own.get("attention.head_count_kv", own.get("attention.head_count"))
    if isinstance(kept, list):
        counts = [_whole(each) for each in kept]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) == layers else None
    each = _whole(kept)
    return layers * each if layers and each else None


def _width(own: Mapping[str, object]) -> int | None:
    """Return the numbers in a key and a value of one head."""
    embedding, heads = _whole(own.get("embedding_length")), _whole(own.get("attention.head_count"))
    usual = embedding // heads if embedding and heads else None
    key = _whole(own.get("attention.key_length")) or usual
    value = _whole(own.get("attention.value_length")) or usual
    return key + value if key and value else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
