"""A model for an Ollama that has none: a small real one where the network allows, else one with random weights."""

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
"""A pull that says nothing for so long has no network."""

Say = Callable[[str], None]


def ensure_model(url: str, say: Say) -> None:
    """Leave an Ollama that holds models as it is, and give one to an Ollama that holds none."""
    if Ollama(url).models():
        return
    say(f"Ollama holds no model: fetching {SMALL_MODEL} (about 400 MB, once)")
    if pull(url, SMALL_MODEL):
        return
    say(f"It cannot be fetched from here, so {RANDOM_MODEL} is made, with random weights:")
    say("its words mean nothing, its speed is as real as any model's of that size.")
    create_random_model(url, RANDOM_MODEL)


def pull(url: str, name: str) -> bool:
    """Whether the server could fetch the model."""
    try:
        with requests.post(f"{url}/api/pull", json={"model": name}, stream=True, timeout=SILENCE_S) as answer:
            *_, last = (json.loads(line) for line in answer.iter_lines() if line)
    except (requests.RequestException, ValueError):  # no network; no answer at all
        return False
    return bool(last.get("status") == "success")


def create_random_model(url: str, name: str) -> None:
    """Write the model of that name in random_model.SHAPES, and hand it to the server.

    Raises:
        CannotStart: if the server does not take it.
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
        raise CannotStart(f"{answer.url} did not take the random model: {answer.text}")
