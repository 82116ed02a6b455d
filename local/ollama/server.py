"""An Ollama to measure: a running server, else the program on PATH, else the one from PyPI."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import OllamaError
from common.ollama.client import Ollama
from local.ollama.wheel import wheel_environment, wheel_ollama
from local.ports import free_port
from local.processes import Say, server


@contextmanager
def ollama_server(url: str, home: Path, log: Path, say: Say) -> Iterator[str]:
    """Yield `url` if an Ollama runs there, else the URL of one that runs until the block ends."""
    if responds(url):
        say(f"Ollama: {Ollama(url).version()} at {url}")
        yield url
    else:
        with started_ollama(home, log, say) as started:
            yield started


@contextmanager
def started_ollama(home: Path, log: Path, say: Say, models: Path | None = None) -> Iterator[str]:
    """Start a server on a free port: `ollama` from PATH with its usual models, or one installed in the folder `home`.

    The folder `models`, if given, replaces the usual one.
    """
    program, environment = find_ollama(home, say)
    address = f"127.0.0.1:{free_port()}"
    url = f"http://{address}"
    environment |= {"OLLAMA_HOST": address} | ({"OLLAMA_MODELS": str(models)} if models else {})
    with server([program, "serve"], log, os.environ | environment, ready=lambda: responds(url)):
        say(f"Ollama: {Ollama(url).version()}, started at {url}")
        yield url


def responds(url: str) -> bool:
    try:
        return bool(Ollama(url).version())
    except (OllamaError, KeyError):  # no server, or not an Ollama
        return False


def find_ollama(home: Path, say: Say) -> tuple[str, dict[str, str]]:
    """Return the program and the environment it needs, installing one in `home` if there is none on PATH."""
    on_path = shutil.which("ollama")
    if on_path:
        return on_path, {}
    program = wheel_ollama(home / "wheel", say)
    return str(program), wheel_environment(program) | {"OLLAMA_MODELS": str(home / "models")}
