"""A model for an Ollama that has none: a small real one if somebody wants it, else one with random weights."""

import hashlib
import json
import tempfile
from pathlib import Path

import requests

from common.ollama.client import Ollama
from local.dialogue import Ask, Say, ask_nobody
from local.ollama import random_model
from local.processes import CannotStart

SMALL_MODEL = "qwen2.5:0.5b"
RANDOM_MODEL = "random-82m"
PULL_TIMEOUT_S = 20
"""A pull without any message for this long has no network."""


OFFER = f"Fetch {SMALL_MODEL} (once, about 400 MB)?\nOtherwise {RANDOM_MODEL} is created here, with random weights."


def ensure_model(url: str, say: Say, authorization: str | None = None, ask: Ask = ask_nobody) -> None:
    """Give the Ollama a model if it has none, unless it needs a password: then somebody else looks after it.

    Nothing is fetched unless somebody wants that.
    """
    if Ollama(url, authorization=authorization).models() or authorization:
        return
    if ask(f"Ollama has no model. {OFFER}", otherwise=False):
        say(f"Ollama fetches {SMALL_MODEL}")
        if pull(url, SMALL_MODEL):
            return
        say(f"{SMALL_MODEL} cannot be fetched from here.")
    say(f"Ollama has no model, so {RANDOM_MODEL} is created, with random weights.")
    say("Its text is meaningless, but its speed is that of any model of its size.")
    create_random_model(url, RANDOM_MODEL)


def pull(url: str, name: str) -> bool:
    """Make the server fetch the model, and return whether it did."""
    try:
        with direct().post(f"{url}/api/pull", json={"model": name}, stream=True, timeout=PULL_TIMEOUT_S) as response:
            *_, last = (json.loads(line) for line in response.iter_lines() if line)
    except (requests.RequestException, ValueError):  # no network, or an empty response
        return False
    return bool(last.get("status") == "success")


def create_random_model(url: str, name: str) -> None:
    """Create the model of that name in random_model.SIZES on the server.

    Raises:
        CannotStart: if the server does not accept it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.gguf"
        random_model.write(path, random_model.SIZES[name])
        with path.open("rb") as file:
            digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
            file.seek(0)
            _check(direct().post(f"{url}/api/blobs/{digest}", data=file, timeout=60))
    body = {"model": name, "files": {f"{name}.gguf": digest}, "stream": False}
    _check(direct().post(f"{url}/api/create", json=body, timeout=60))


def direct() -> requests.Session:
    """Return an HTTP session without the proxies of the environment, which do not lead to this machine."""
    session = requests.Session()
    session.trust_env = False
    return session


def _check(response: requests.Response) -> None:
    if not response.ok:
        raise CannotStart(f"{response.url} did not accept the random model: {response.text}")
