"""A small model with random weights for a real Ollama."""

import requests

from local.ollama.first_model import create_random_model

TIMEOUT_S = 60


def create_tiny_model(url: str, name: str = "tiny") -> None:
    """Create a model that runs on one thread.

    Several threads wait for each other at every step, so other work on the same cores would slow them down greatly.
    """
    create_random_model(url, name)
    one_thread = {"model": name, "from": name, "parameters": {"num_thread": 1}, "stream": False}
    requests.post(f"{url}/api/create", json=one_thread, timeout=TIMEOUT_S).raise_for_status()
