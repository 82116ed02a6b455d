"""The memory of a token of context, from what /api/show says of real models."""

from typing import Any

import pytest

from common.ollama.context_memory import context_memory

LLAMA_8B = {
    "block_count": 32,
    "embedding_length": 4096,
    "attention.head_count": 32,
    "attention.head_count_kv": 8,
}
QWEN3_8B = {**LLAMA_8B, "block_count": 36, "attention.key_length": 128, "attention.value_length": 128}


@pytest.mark.parametrize(
    ("own", "per_token", "is_upper_bound"),
    [
        (LLAMA_8B, 131_072, False),  # 128 kB a token, as llama.cpp logs it
        (QWEN3_8B, 147_456, False),
        ({**LLAMA_8B, "attention.head_count_kv": None}, None, False),
        ({**LLAMA_8B, "attention.head_count_kv": [8] * 32}, 131_072, False),
        ({**LLAMA_8B, "attention.head_count_kv": []}, None, False),  # /api/show leaves long lists out
        ({**LLAMA_8B, "attention.head_count_kv": [8, "x"] * 16}, None, False),
        ({**LLAMA_8B, "block_count": None}, None, False),
        ({**LLAMA_8B, "attention.sliding_window": 1024}, 131_072, True),
        ({**LLAMA_8B, "ssm.state_size": 128}, None, False),
        ({**LLAMA_8B, "attention.kv_lora_rank": 512}, None, False),
        ({"block_count": 12, "attention.head_count": 12, "attention.causal": False}, 0, False),
        ({}, None, False),
    ],
)
def test_bytes_of_a_token(own: dict[str, Any], per_token: int | None, is_upper_bound: bool) -> None:  # noqa: FBT001 - a column
    found = context_memory(own)
    assert (found.per_token, found.is_upper_bound) == (per_token, is_upper_bound)
    assert (found.reason is None) == (per_token is not None)
