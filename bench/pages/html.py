"""How long the server takes for a page's HTML, over a connection that is kept."""

import gzip
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import numpy as np
import requests

from bench.pages.site import NIGHTLY, Site

ASKED = 20
WANTED_MS = 50
TIMEOUT_S = 30


@dataclass(frozen=True)
class Served:
    """Times in ms: until the very first answer began to come, until it was whole, and until those after it were; bytes
    of the HTML, and of what travels.
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


def paths(site: Site) -> dict[str, str]:
    """The pages' paths by what is on them."""
    nights = site.nights
    sessions = {f"a session: {name}": f"/sessions/{session}" for name, session in site.sessions.items()}

    def beside(ids: list[str]) -> str:
        return "/compare?" + "&".join(f"session={each}" for each in ids)

    whole = [site.sessions[name] for name in list(site.sessions)[:2]]
    return {
        f"{len(nights) + len(sessions)} sessions": "/",
        "new session": "/new",
        **sessions,
        "comparison of 2 sessions of every test type": beside(whole),
        "comparison of 5 sessions": beside(nights[-5:]),
        f"history of {len(nights)} sessions": f"/history?model={NIGHTLY}&testType=decode",
        "machines": "/machines",
    }


def measure(site: Site, asked: int = ASKED) -> Iterator[Served]:
    with requests.Session() as http:
        http.headers["Accept-Encoding"] = "gzip"
        http.get(f"{site.url}/healthz", timeout=TIMEOUT_S)
        for name, path in paths(site).items():
            first = _asked(http, site.url + path)
            found = [_asked(http, site.url + path) for _ in range(asked)]
            times = [one.whole for one in found]
            yield Served(name, first.begun, first.whole, times, found[-1].size, found[-1].packed)


@dataclass(frozen=True)
class _Answer:
    begun: float
    whole: float
    size: int
    packed: int


def _asked(http: requests.Session, url: str) -> _Answer:
    started = time.perf_counter()
    answer = http.get(url, timeout=TIMEOUT_S, stream=True)
    begun = time.perf_counter()
    packed = answer.raw.read(decode_content=False)
    page = gzip.decompress(packed) if answer.headers.get("Content-Encoding") == "gzip" else packed
    whole = time.perf_counter()
    answer.raise_for_status()
    return _Answer(1000 * (begun - started), 1000 * (whole - started), len(page), len(packed))


def table(found: list[Served]) -> str:
    """In Markdown."""
    lines = [
        f"| {one.page} | < {WANTED_MS} ms | {one.begun:.0f} ms | {one.first:.0f} ms "
        f"| {one.median:.0f} ms | {one.p95:.0f} ms | {one.size / 1000:.0f} kB | {one.packed / 1000:.0f} kB |"
        for one in found
    ]
    head = "| HTML of | wanted | first begins | first whole | median | p95 | HTML | transferred |"
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *lines])
