from pathlib import Path

import pytest
import requests

from common.ollama.client import Ollama
from local.ollama import first_model, random_model
from local.ollama.first_model import RANDOM_MODEL, ensure_model
from testbed.ollama_double import OllamaDouble


def test_the_real_ollama_generates_with_the_random_model(ollama_url: str, tiny_model: str) -> None:
    body = {"model": tiny_model, "prompt": "Once upon a time", "stream": False, "options": {"num_predict": 20}}
    answer = requests.post(f"{ollama_url}/api/generate", json=body, timeout=60).json()
    assert answer["eval_count"] == 20
    assert answer["done_reason"] == "length"


def test_the_same_size_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        random_model.write(tmp_path / name, random_model.SIZES["tiny"])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_an_ollama_with_a_model_gets_no_other(ollama_url: str, tiny_model: str) -> None:
    lines: list[str] = []
    ensure_model(ollama_url, lines.append)
    assert [model.name for model in Ollama(ollama_url).models()] == [tiny_model]
    assert lines == []


@pytest.mark.parametrize(("answer", "fetched"), [(True, ["qwen2.5:0.5b"]), (False, [])])
def test_a_model_is_fetched_only_if_somebody_wants_that(
    monkeypatch: pytest.MonkeyPatch, *, answer: bool, fetched: list[str]
) -> None:
    pulled: list[str] = []
    created: list[str] = []
    monkeypatch.setattr(first_model, "pull", lambda _url, name: pulled.append(name))  # the network is away
    monkeypatch.setattr(first_model, "create_random_model", lambda _url, name: created.append(name))
    with OllamaDouble() as empty:
        empty.models = ()
        ensure_model(empty.url, print, ask=lambda _question, *, otherwise: answer and not otherwise)
    assert (pulled, created) == (fetched, [RANDOM_MODEL])


def test_the_demo_models_name_says_that_it_is_random() -> None:
    assert RANDOM_MODEL.startswith("random-")
    assert RANDOM_MODEL in random_model.SIZES
