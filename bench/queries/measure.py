"""Times of reads through the API, as one client sees them over a connection that it keeps."""

import time
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import fmean, median

import numpy as np
import requests

from bench.queries.dataset import HOSTS, MODELS, RARE_MODEL, Dataset
from bench.queries.reads import reads
from bench.support.filled_api import filled_api

REPEATS = 40
TIMEOUT_S = 120


@dataclass(frozen=True)
class Times:
    """Times of one kind of read in ms. `first` is the slowest of the first request for each path.

    `size` is the average length of an answer in kilobytes, not compressed.
    """

    first: float
    times: list[float]
    size: float

    @property
    def p50(self) -> float:
        return median(self.times)

    @property
    def p95(self) -> float:
        return float(np.percentile(self.times, 95))


def measure(database_url: str, data: Dataset) -> dict[str, Times]:
    """Start the API on a filled database, and return the times of each read by its name."""
    with filled_api(database_url, HOSTS, (*MODELS, RARE_MODEL)) as url, requests.Session() as http:
        return {name: _times(http, [url + path for path in paths]) for name, paths in reads(data).items()}


def _times(http: requests.Session, urls: list[str]) -> Times:
    """Get each URL once, and then all in turn, so that `times` has no first requests."""
    first = [_get(http, url) for url in urls]
    later = [_get(http, url)[0] for url in islice(cycle(urls), max(REPEATS, len(urls)))]
    return Times(max(first)[0], later, fmean(size for _, size in first))


def _get(http: requests.Session, url: str) -> tuple[float, float]:
    """Return the time in ms and the size in kB of an answer."""
    started = time.perf_counter()
    answer = http.get(url, timeout=TIMEOUT_S)
    taken = 1000 * (time.perf_counter() - started)
    answer.raise_for_status()
    return taken, len(answer.content) / 1000
