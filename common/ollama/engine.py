"""The engine that computes a model's answers. Results of different engines measure different programs."""

import re
from enum import StrEnum

SAFETENSORS = "safetensors"
"""The format of models that Ollama runs with MLX (`Model.IsMLX` in its server/images.go)."""
FIRST_LLAMA_SERVER = (0, 30)
"""The version from which on llama-server replaces the engines that were built into Ollama."""
VERSION = re.compile(r"v?(\d+)\.(\d+)")


class Engine(StrEnum):
    BUILT_IN = "built-in"
    LLAMA_SERVER = "llama-server"
    MLX = "mlx"


def engine_of(model_format: str | None, version: str | None) -> Engine | None:
    """Return the engine for a model of this format (`details.format`) under this version of Ollama; None if unknown.

    A server that is built from source calls its version 0.0.0.
    """
    if model_format and model_format.lower() == SAFETENSORS:
        return Engine.MLX
    found = VERSION.match(version or "")
    numbers = found and (int(found[1]), int(found[2]))
    if not numbers or numbers == (0, 0):
        return None
    return Engine.LLAMA_SERVER if numbers >= FIRST_LLAMA_SERVER else Engine.BUILT_IN
