"""A model with random weights, for machines that cannot fetch a real one. Its text is meaningless, its speed is real.

The architecture is llama's with eight bits per weight, because CPUs read a prompt four times as fast as in half
precision. The vocabulary can spell any text: it has all bytes, and short strings of common letters.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

CONTEXT_TOKENS = 8192
PRECISION = gguf.GGMLQuantizationType.Q8_0
SPREAD = 0.02
LETTERS = "etaoinshrdlucmfwypvbgk"
MAX_WORD_LENGTH = 4
SPECIAL = ("<unk>", "<s>", "</s>")


@dataclass(frozen=True)
class ModelSize:
    layers: int
    width: int
    heads: int
    feed_forward: int
    words: int


SIZES = {
    "tiny": ModelSize(layers=2, width=128, heads=2, feed_forward=256, words=4000),  # 1.4 million weights, for tests
    "random-82m": ModelSize(layers=8, width=768, heads=12, feed_forward=2048, words=16000),
}


def write(path: Path, size: ModelSize) -> None:
    """Write a GGUF file. The same size gives the same file."""
    writer = gguf.GGUFWriter(path, "llama")
    vocabulary = list(_vocabulary(size.words))
    _describe(writer, size, vocabulary)
    rng = np.random.default_rng(0)
    for name, shape in _tensors(size, len(vocabulary)):
        if len(shape) == 1:
            writer.add_tensor(name, np.ones(shape, np.float32))
        else:
            writer.add_tensor(name, _random(rng, shape), raw_dtype=PRECISION)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _random(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return gguf.quants.quantize(rng.standard_normal(shape, dtype=np.float32) * SPREAD, PRECISION)


def _vocabulary(words: int) -> Iterator[tuple[str, float, gguf.TokenType]]:
    """Yield each token with its score (likelier words first) and type. Every other word begins with a space ("▁")."""
    for token, kind in zip(
        SPECIAL, (gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL), strict=True
    ):
        yield token, 0.0, kind
    for byte in range(256):
        yield f"<0x{byte:02X}>", 0.0, gguf.TokenType.BYTE
    spellings = itertools.chain.from_iterable(
        itertools.product(LETTERS, repeat=length) for length in range(1, MAX_WORD_LENGTH + 1)
    )
    for rank, letters in enumerate(itertools.islice(spellings, words)):
        yield ("▁" if rank % 2 == 0 else "") + "".join(letters), -float(rank + 1), gguf.TokenType.NORMAL


def _describe(writer: gguf.GGUFWriter, size: ModelSize, vocabulary: list[tuple[str, float, gguf.TokenType]]) -> None:
    tokens, scores, kinds = zip(*vocabulary, strict=True)
    writer.add_name("random weights")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(size.width)
    writer.add_block_count(size.layers)
    writer.add_feed_forward_length(size.feed_forward)
    writer.add_head_count(size.heads)
    writer.add_head_count_kv(size.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(size.width // size.heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)  # noqa: FBT003 - the parameter is positional only


def _tensors(size: ModelSize, vocabulary: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield name and shape of every tensor of a llama. Tensors with one dimension are norms."""
    width, feed_forward = size.width, size.feed_forward
    yield "token_embd.weight", (vocabulary, width)
    yield "output_norm.weight", (width,)
    yield "output.weight", (vocabulary, width)
    for layer in range(size.layers):
        for norm in ("attn_norm", "ffn_norm"):
            yield f"blk.{layer}.{norm}.weight", (width,)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield f"blk.{layer}.{part}.weight", (width, width)
        yield f"blk.{layer}.ffn_gate.weight", (feed_forward, width)
        yield f"blk.{layer}.ffn_up.weight", (feed_forward, width)
        yield f"blk.{layer}.ffn_down.weight", (width, feed_forward)
