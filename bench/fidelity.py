"""`python -m bench.fidelity`: how far Gait's stamps are from the truth, at 1, 16 and 64 streams at once.

The truth is what the paced server noted: the request's arrival and the write of each token. With `--peers`, guidellm
and aiperf are held against it in the same run.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench import peers
from bench.answers import Answer, Answers, Errors, errors, lateness, truth
from bench.overhead import overhead
from common.ollama.client import Ollama
from local.ports import free_port
from worker.ollama.client import Driver, Request

REQUESTS = {1: 40, 16: 10, 64: 5}
"""Requests of each stream, one after the other, by the number of streams; each stream's first is not counted."""
TOKENS = 100
CONTEXT_LENGTH = 2048
WIDTH = 130
EXPLANATION = """\
Each is the client's figure less the truth's. TTFT and inter-token: the mean of the errors of the answers.
size p99: 99 of 100 errors of TTFT are smaller, to either side. p99: the client's 99th percentile less the true one."""

Client = Callable[[str, int, int, int], Answers]
"""Asks the server at a URL for so many streams at once, each of so many requests, each of so many tokens."""


@dataclass(frozen=True)
class Outcome:
    client: str
    streams: int
    errors: Errors
    late_ms: float


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.fidelity", description=__doc__)
    options.add_argument("--peers", action="store_true", help="measure guidellm and aiperf too; installs them once")
    clients: dict[str, Client] = {"Gait": gait}
    if options.parse_args().peers:
        clients |= installed_peers()
    load = psutil.getloadavg()[0]
    outcomes = [
        outcome
        for streams in REQUESTS
        for name, client in clients.items()
        if (outcome := attempt(name, client, streams)) is not None
    ]
    console = Console(width=WIDTH)
    console.print(table(outcomes))
    console.print(EXPLANATION)
    console.print(f"The machine's load was {load:.2f} before. The server's own lateness, p99, is in the truth:")
    for name in clients:
        late = [f"{of.late_ms:.2f} ms at {of.streams}" for of in outcomes if of.client == name]
        console.print(f"  {name}: {', '.join(late)}")
    with tempfile.TemporaryDirectory() as folder, paced_server(Path(folder) / "notes") as url:
        console.print(overhead(url))


def installed_peers() -> dict[str, Client]:
    try:
        peers.install()
    except peers.PeerFailed as failure:
        print(f"guidellm and aiperf are left out: {failure}")
        return {}
    return {"guidellm 0.8.1": peers.guidellm, "aiperf 0.13.0": peers.aiperf}


def attempt(name: str, client: Client, streams: int) -> Outcome | None:
    """None, and a line that says so, where a peer did not finish."""
    with tempfile.TemporaryDirectory() as folder, paced_server(Path(folder) / "notes") as url:
        try:
            seen = client(url, streams, REQUESTS[streams], TOKENS)
        except peers.PeerFailed as failure:
            print(f"{name} at {streams} streams is left out: {failure}")
            return None
        notes = Path(folder) / "notes"
        return Outcome(name, streams, errors(seen, truth(notes)), lateness(notes))


@contextmanager
def paced_server(notes: Path) -> Iterator[str]:
    port = free_port("127.0.0.1")
    with subprocess.Popen([sys.executable, "-m", "bench.paced", str(port), str(notes)]) as server:
        try:
            while not notes.exists():
                time.sleep(0.01)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def gait(url: str, streams: int, requests: int, tokens: int) -> Answers:
    """What Gait's own driver sees of all streams' answers but each stream's first."""
    seen: Answers = {}

    def stream(number: int) -> None:
        driver = Driver(Ollama(url))
        for request in range(requests):
            prompt = f"{number} {request}"
            generation = driver.generate(Request("paced", prompt, tokens, CONTEXT_LENGTH))
            if request:
                seen[prompt] = Answer.from_stamps(0, generation.content_ns)

    threads = [threading.Thread(target=stream, args=(number,)) for number in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def table(outcomes: list[Outcome]) -> Table:
    shown = Table(box=MARKDOWN)
    shown.add_column("streams", justify="right")
    shown.add_column("client")
    for heading in ("answers", "TTFT, ms", "size p99, ms", "p99 TTFT, ms", "inter-token, %", "p99 inter-token, ms"):
        shown.add_column(heading, justify="right")
    for outcome in outcomes:
        shown.add_row(str(outcome.streams), outcome.client, *row(outcome.errors))
    return shown


def row(of: Errors) -> list[str]:
    gap_tail = "" if of.gap_tail is None else f"{of.gap_tail:+.2f}"
    ttft = [f"{of.ttft:+.3f}", f"{of.ttft_size:.3f}", f"{of.ttft_tail:+.3f}"]
    return [str(of.answers), *ttft, f"{of.inter_token:+.3f}", gap_tail]


if __name__ == "__main__":
    main()
