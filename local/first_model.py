"""A model for an Ollama that has none: a small real one if it can be fetched, otherwise one with random weights."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import requests

from common.ollama.client import Ollama
from local import random_model
from local.processes import CannotStart

SMALL_MODEL = "qwen2.5:0.5b"
RANDOM_MODEL = "random-82m"
SILENCE_S = 20
"""A pull that reports nothing for this long has no network."""

Say = Callable[[str], None]


def ensure_model(url: str, say: Say) -> None:
    """Give an Ollama without models one."""
    if Ollama(url).models():
        return
    say(f"Ollama has no model: fetching {SMALL_MODEL} (about 400 MB, once)")
    if pull(url, SMALL_MODEL):
        return
    say(f"It cannot be fetched, so {RANDOM_MODEL} is created with random weights.")
    say("Its words mean nothing, and its speed is that of any model of its size.")
    create_random_model(url, RANDOM_MODEL)


def pull(url: str, name: str) -> bool:
    """Let the server fetch the model, and return whether it could."""
    try:
        with requests.post(f"{url}/api/pull", json={"model": name}, stream=True, timeout=SILENCE_S) as answer:
            *_, last = (json.loads(line) for line in answer.iter_lines() if line)
    except (requests.RequestException, ValueError):  # no network, or no answer
        return False
    return bool(last.get("status") == "success")


def create_random_model(url: str, name: str) -> None:
    """Create the model of that name in random_model.SHAPES on the server.

    Raises:
        CannotStart: if the server refuses it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.gguf"
        random_model.write(path, random_model.SHAPES[name])
        with path.open("rb") as file:
            digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
            file.seek(0)
            _accepted(requests.post(f"{url}/api/blobs/{digest}", data=file, timeout=60))
    body = {"model": name, "files": {f"{name}.gguf": digest}, "stream": False}
    _accepted(requests.post(f"{url}/api/create", json=body, timeout=60))


def _accepted(answer: requests.Response) -> None:
    if not answer.ok:
        raise CannotStart(f"{answer.url} refused the random model: {answer.text}")
