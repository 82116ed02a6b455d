"""Time for a page's HTML over a persistent connection."""

import gzip
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np
import requests

from bench.pages.setup import NIGHTLY, PagesSetup

REPEATS = 20
WANTED_MS = 50
TIMEOUT_S = 30


@dataclass(frozen=True)
class Served:
    """The times of one page in ms: start and end of the first answer, and the ends of the later ones.

    `size` is that of the HTML in bytes, and `packed` that of the compressed answer.
    """

    page: str
    begun: float
    first: float
    times: list[float]
    size: int
    packed: int

    @property
    def median(self) -> float:
        return median(self.times)

    @property
    def p95(self) -> float:
        return float(np.percentile(self.times, 95))


def paths(setup: PagesSetup) -> dict[str, str]:
    """Return the paths of the pages by what they show."""
    nights = setup.nights
    sessions = {f"a session: {name}": f"/sessions/{session}" for name, session in setup.sessions.items()}

    def comparison(ids: list[str]) -> str:
        return "/compare?" + "&".join(f"session={each}" for each in ids)

    complete = [setup.sessions[name] for name in list(setup.sessions)[:2]]
    return {
        f"{len(nights) + len(sessions)} sessions": "/",
        "new session": "/new",
        **sessions,
        "comparison of 2 sessions of every test type": comparison(complete),
        "comparison of 5 sessions": comparison(nights[-5:]),
        f"history of {len(nights)} sessions": f"/history?model={NIGHTLY}&testType=decode",
        "machines": "/machines",
    }


def measure(setup: PagesSetup, repeats: int = REPEATS) -> Iterator[Served]:
    return served(setup.url, paths(setup), repeats)


def served(url: str, pages: Mapping[str, str], repeats: int = REPEATS) -> Iterator[Served]:
    """Yield the times of pages by their names."""
    with requests.Session() as http:
        http.headers["Accept-Encoding"] = "gzip"
        http.get(f"{url}/healthz", timeout=TIMEOUT_S)
        for name, path in pages.items():
            first = _get(http, url + path)
            found = [_get(http, url + path) for _ in range(repeats)]
            times = [one.whole for one in found]
            yield Served(name, first.begun, first.whole, times, found[-1].size, found[-1].packed)


@dataclass(frozen=True)
class _Answer:
    begun: float
    whole: float
    size: int
    packed: int


def _get(http: requests.Session, url: str) -> _Answer:
    started = time.perf_counter()
    answer = http.get(url, timeout=TIMEOUT_S, stream=True)
    begun = time.perf_counter()
    packed = answer.raw.read(decode_content=False)
    page = gzip.decompress(packed) if answer.headers.get("Content-Encoding") == "gzip" else packed
    whole = time.perf_counter()
    answer.raise_for_status()
    return _Answer(1000 * (begun - started), 1000 * (whole - started), len(page), len(packed))


def table(found: list[Served]) -> str:
    """Format a table in Markdown."""
    lines = [
        f"| {one.page} | < {WANTED_MS} ms | {one.begun:.0f} ms | {one.first:.0f} ms "
        f"| {one.median:.0f} ms | {one.p95:.0f} ms | {one.size / 1000:.0f} kB | {one.packed / 1000:.0f} kB |"
        for one in found
    ]
    head = "| HTML of | wanted | first begins | first whole | median | p95 | HTML | transferred |"
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *lines])
