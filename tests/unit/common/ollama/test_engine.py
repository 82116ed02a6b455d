import pytest

from common.ollama.engine import Engine, engine_of


@pytest.mark.parametrize(
    ("model_format", "version", "engine"),
    [
        ("gguf", "0.9.3", Engine.BUILT_IN),
        ("", "0.29.12", Engine.BUILT_IN),
        (None, "v0.30.0-rc1", Engine.LLAMA_SERVER),
        ("gguf", "1.2", Engine.LLAMA_SERVER),
        ("safetensors", "0.19.0", Engine.MLX),
        ("SafeTensors", None, Engine.MLX),
        ("gguf", "0.0.0", None),
        ("gguf", None, None),
        ("gguf", "nightly", None),
    ],
)
def test_the_engine_follows_from_the_format_and_the_version(
    model_format: str | None, version: str | None, engine: Engine | None
) -> None:
    assert engine_of(model_format, version) == engine
