"""An Ollama to measure: one that answers, otherwise the one on PATH, otherwise one from PyPI."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import OllamaError
from common.ollama.client import Ollama
from local.ollama_wheel import wheel_environment, wheel_ollama
from local.ports import free_port
from local.processes import server

Say = Callable[[str], None]


@contextmanager
def ollama_server(wanted: str, home: Path, log: Path, say: Say) -> Iterator[str]:
    """Yield the URL of an Ollama: `wanted` if one answers there, otherwise that of one that runs during the block."""
    if answers(wanted):
        say(f"Ollama: {Ollama(wanted).version()} at {wanted}")
        yield wanted
    else:
        with own_ollama(home, log, say) as url:
            yield url


@contextmanager
def own_ollama(home: Path, log: Path, say: Say, models: Path | None = None) -> Iterator[str]:
    """Run a server on a free port: `ollama` from PATH with its usual models, or one installed in the folder `home`.

    A folder `models` replaces the models of either.
    """
    program, environment = find_ollama(home, say)
    address = f"127.0.0.1:{free_port()}"
    url = f"http://{address}"
    environment |= {"OLLAMA_HOST": address} | ({"OLLAMA_MODELS": str(models)} if models else {})
    with server([program, "serve"], log, os.environ | environment, ready=lambda: answers(url)):
        say(f"Ollama: {Ollama(url).version()}, started at {url}")
        yield url


def answers(url: str) -> bool:
    try:
        return bool(Ollama(url).version())
    except (OllamaError, KeyError):  # nothing there, or something that is not an Ollama
        return False


def find_ollama(home: Path, say: Say) -> tuple[str, dict[str, str]]:
    """Return the program and the environment it needs, installing one in `home` if there is none on PATH."""
    on_path = shutil.which("ollama")
    if on_path:
        return on_path, {}
    program = wheel_ollama(home / "wheel", say)
    return str(program), wheel_environment(program) | {"OLLAMA_MODELS": str(home / "models")}
