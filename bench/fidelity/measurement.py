"""Measure one client against the reference server."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.fidelity.answers import Answer, Answers, Errors, errors, lateness, truth
from bench.support.tool_environment import ToolFailed
from common.ollama.client import Ollama
from local.ports import free_port
from worker.ollama.client import Driver, Request

REQUESTS = {1: 40, 16: 10, 64: 5}
"""Requests of each stream, one after the other, by the number of streams. Each stream's first is not counted."""
TOKENS = 100
CONTEXT_LENGTH = 2048

Client = Callable[[str, int, int, int], Answers]
"""Asks the server at a URL over a number of streams, with a number of requests each, of a number of tokens each."""


@dataclass(frozen=True)
class Outcome:
    """The errors of a client, and how late the server itself was (p99, in ms)."""

    client: str
    streams: int
    errors: Errors
    late_ms: float


def measure(name: str, client: Client, streams: int) -> Outcome | None:
    """Measure a client, or print why it is left out and return None."""
    with tempfile.TemporaryDirectory() as folder, reference_server(Path(folder) / "log") as url:
        try:
            seen = client(url, streams, REQUESTS[streams], TOKENS)
        except ToolFailed as failure:
            print(f"{name} at {streams} streams is left out: {failure}")
            return None
        log = Path(folder) / "log"
        return Outcome(name, streams, errors(seen, truth(log)), lateness(log))


@contextmanager
def reference_server(log: Path) -> Iterator[str]:
    """Run the server in its own process, and give its URL."""
    port = free_port("127.0.0.1")
    command = [sys.executable, "-m", "bench.fidelity.reference_server", str(port), str(log)]
    with subprocess.Popen(command) as server:
        try:
            while not log.exists():
                time.sleep(0.01)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def gait(url: str, streams: int, requests: int, tokens: int) -> Answers:
    """Return what Gait's own driver sees of all answers but each stream's first."""
    seen: Answers = {}

    def stream(number: int) -> None:
        driver = Driver(Ollama(url))
        for request in range(requests):
            prompt = f"{number} {request}"
            generation = driver.generate(Request("reference", prompt, tokens, CONTEXT_LENGTH))
            if request:
                seen[prompt] = Answer.from_stamps(0, generation.content_ns)

    threads = [threading.Thread(target=stream, args=(number,)) for number in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen
