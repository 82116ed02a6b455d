"""`python -m bench.fidelity`: how far Gait's stamps are from the truth, at 1, 16 and 64 streams at once.

The truth is what the paced server noted: the request's arrival and the write of each token.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from rich.console import Console
from rich.table import Table

from common.ollama import Ollama
from local.ports import free_port
from worker.ollama import Driver, Generation, Request

STREAMS = (1, 16, 64)
REQUESTS = {1: 40, 16: 10, 64: 5}
"""Requests of each stream, one after the other; the first warms the connection and is not counted."""
TOKENS = 100
MS = 1e6


@dataclass(frozen=True)
class Timing:
    """One answer: time to first token and the gaps between tokens, in milliseconds."""

    ttft: float
    gaps: list[float]


def main() -> None:
    shown = Table(title="Gait against a server of known pace (50 ms, then 5 ms a token)", title_justify="left")
    for heading in ("Streams", "Answers", "TTFT mean", "TTFT p99", "Inter-token mean", "Inter-token p99"):
        shown.add_column(heading, justify="right")
    for streams in STREAMS:
        with tempfile.TemporaryDirectory() as folder, paced_server(Path(folder) / "notes") as url:
            seen = drive(url, streams)
            true = truth(Path(folder) / "notes")
        shown.add_row(str(streams), str(len(seen)), *errors(seen, true))
    Console().print(shown)
    print("Each is Gait's figure less the truth's.")


@contextmanager
def paced_server(notes: Path) -> Iterator[str]:
    port = free_port("127.0.0.1")
    with subprocess.Popen([sys.executable, "-m", "bench.paced", str(port), str(notes)]) as server:
        while not notes.exists():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def drive(url: str, streams: int) -> list[Timing]:
    """The timings of all streams' answers but each stream's first."""
    seen: list[Timing] = []

    def stream(number: int) -> None:
        driver = Driver(Ollama(url))
        for request in range(REQUESTS[streams]):
            generation = driver.generate(Request("paced", f"{number} {request}", TOKENS, 2048))
            if request:
                seen.append(timing(generation))

    threads = [threading.Thread(target=stream, args=(number,)) for number in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def timing(generation: Generation) -> Timing:
    stamps = generation.content_ns
    return Timing(stamps[0] / MS, [float(gap) for gap in np.diff(stamps) / MS])


def truth(notes: Path) -> list[Timing]:
    noted = [json.loads(line) for line in notes.read_text().splitlines()]
    noted.sort(key=lambda note: note["arrived"])
    return [
        Timing((note["writes"][0] - note["arrived"]) / MS, [float(gap) for gap in np.diff(note["writes"]) / MS])
        for note in noted
    ]


def errors(seen: list[Timing], true: list[Timing]) -> list[str]:
    ttft = [timing.ttft for timing in seen], [timing.ttft for timing in true]
    gaps = [gap for timing in seen for gap in timing.gaps], [gap for timing in true for gap in timing.gaps]
    mean = fmean(gaps[1])
    return [
        f"{fmean(ttft[0]) - fmean(ttft[1]):+.3f} ms",
        f"{np.percentile(ttft[0], 99) - np.percentile(ttft[1], 99):+.3f} ms",
        f"{100 * (fmean(gaps[0]) - mean) / mean:+.3f} %",
        f"{np.percentile(gaps[0], 99) - np.percentile(gaps[1], 99):+.3f} ms",
    ]


if __name__ == "__main__":
    main()
