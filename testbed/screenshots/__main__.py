"""`python -m testbed.screenshots`: pictures of sessions on this machine, and of `make demo` in a terminal.

The pages are written to var/screenshots, and the pictures of the documents to docs/images. The sessions run on a real
Ollama and take some minutes. With `--double` they run on a double of Ollama, which needs no processor to itself.
`python -m bench.fleet.pictures` takes those of a fleet.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console

from cli.progress.messages import messages
from local.ollama.first_model import create_random_model
from local.ollama.server import started_ollama
from local.ports import free_port
from local.redis_server import redis_server
from testbed import ROOT
from testbed.chromium import MISSING, chromium, install
from testbed.documentation.terminal_picture import terminal_picture
from testbed.ollama_double import OllamaDouble, Timing
from testbed.screenshots.taking import DEMO, IMAGES, take_screenshots
from testbed.servers.restartable_stack import Site, site
from testbed.servers.stack import settings_of

VAR = ROOT / "var"
DOUBLE = "--double"
FEW = {"minRepetitions": 5, "maxRepetitions": 5, "outputTokens": 16}
OPTIONS: dict[str, dict[str, Any]] = {
    "decode": FEW | {"outputTokens": 48},
    "ttft": FEW | {"promptTokens": [32, 64, 128]},
    "prefill": FEW | {"promptTokens": [64, 128, 256]},
    "context-depth": FEW | {"promptTokens": [64, 256], "outputTokens": 32},
    "concurrency": FEW
    | {"users": [1, 2], "durationSeconds": 3, "requestsPerUser": 3, "promptTokens": 32, "maxRepetitions": 5},
    "thinking": FEW,
}
LASTING = OPTIONS | {"context-depth": OPTIONS["context-depth"] | {"minRepetitions": 1000, "maxRepetitions": 1000}}
"""Options of a session that is still running when its page has been photographed."""


def main() -> None:
    """Start the processes, run the sessions and take the screenshots."""
    console = Console(highlight=False)
    if not install(print):
        raise SystemExit(MISSING)
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        redis_url = open_.enter_context(redis_server(folder / "redis", folder / "redis.log"))
        ollama_url = open_.enter_context(_double() if DOUBLE in sys.argv else _ollama(folder, console))
        settings = settings_of(folder, redis_url, {"local": ollama_url}, IDLE_BASELINE="0.5")
        gait = open_.enter_context(site(folder, settings))
        browser = open_.enter_context(chromium())
        for name, address in _pages(gait, console):
            for file in take_screenshots(browser, name, gait.url + address):
                console.print(f"  {file.relative_to(ROOT)}")
        (IMAGES / DEMO).write_text(_demo(folder, ollama_url))
        console.print(f"  {(IMAGES / DEMO).relative_to(ROOT)}")


@contextmanager
def _ollama(folder: Path, console: Console) -> Iterator[str]:
    """Yield the URL of a real Ollama with two models of random weights."""
    with started_ollama(VAR / "ollama", folder / "ollama.log", console.print, folder / "models") as url:
        for name in ("tiny", "random-82m"):
            create_random_model(url, name)
        yield url


@contextmanager
def _double() -> Iterator[str]:
    """Yield the URL of a double, whose times are those of small models on a GPU."""
    with OllamaDouble("llama3.2:3b", "qwen3:4b", timing=Timing(load=900, first=30, read=0.2, each=8)) as double:
        yield double.url


def _demo(folder: Path, ollama_url: str) -> str:
    """Return a picture of `make demo`, on a database of its own."""
    port = str(free_port())
    variables = {"DATABASE_URL": f"sqlite:///{folder}/demo.db", "OLLAMA_HOST": ollama_url, "GAIT_PORT": port}
    shown = {f"{folder}/demo.db": "var/gait.db", port: "8000"}
    return terminal_picture("make demo", [sys.executable, "-m", "cli", "demo"], variables, shown)


def _pages(gait: Site, console: Console) -> Iterator[tuple[str, str]]:
    """Yield each page as (name, address) once it has content."""
    yield "empty", "/"
    console.print(f"Measuring {len(OPTIONS)} test types")
    whole = _measure(gait, "all test types", OPTIONS)
    running = _submit(gait, "in progress", LASTING)
    _wait_for_ends(gait, running, list(LASTING).index("context-depth"))
    yield "running-here", f"/sessions/{running}"
    yield "machines", "/machines"
    gait.client.cancel(running)
    yield "all-test-types", f"/sessions/{whole}"


def _submit(gait: Site, name: str, options: dict[str, dict[str, Any]]) -> str:
    models = [model["name"] for model in gait.client.get("/models")["models"]]
    return gait.client.submit_one({"models": models, "testTypes": list(options), "options": options, "name": name})


def _measure(gait: Site, name: str, options: dict[str, dict[str, Any]]) -> str:
    session_id = _submit(gait, name, options)
    for _ in messages(gait.client, session_id):
        pass
    return session_id


def _wait_for_ends(gait: Site, session_id: str, count: int) -> None:
    """Wait until that many of the session's tests have ended."""
    ended = (message for message in messages(gait.client, session_id) if message["type"] == "complete")
    for _ in islice(ended, count):
        pass


if __name__ == "__main__":
    main()
