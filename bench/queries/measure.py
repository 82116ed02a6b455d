"""Times of reads through the API, as one client sees them over a connection that it keeps."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import requests

from bench.queries.dataset import HOSTS, MODELS, RARE_MODEL, Dataset
from bench.queries.reads import reads
from local.redis_server import redis_server
from testbed.api_server import api_server
from testbed.ollama_double import OllamaDouble
from testbed.stack import settings_of

REPEATS = 40
TIMEOUT_S = 120


@dataclass(frozen=True)
class Times:
    """Times of one kind of read in ms. `first` is the slowest of the first request for each path."""

    first: float
    times: list[float]

    @property
    def p50(self) -> float:
        return median(self.times)

    @property
    def p95(self) -> float:
        return float(np.percentile(self.times, 95))


def measure(database_url: str, data: Dataset) -> dict[str, Times]:
    """Start the API on a filled database, and return the times of each read by its name."""
    with _api(database_url) as url, requests.Session() as http:
        return {name: _times(http, [url + path for path in paths]) for name, paths in reads(data).items()}


@contextmanager
def _api(database_url: str) -> Iterator[str]:
    with ExitStack() as open_:
        folder = Path(open_.enter_context(TemporaryDirectory()))
        redis = open_.enter_context(redis_server(folder, folder / "redis.log"))
        ollama = open_.enter_context(OllamaDouble(*MODELS, RARE_MODEL))
        settings = settings_of(folder, redis, dict.fromkeys(HOSTS, ollama.url), DATABASE_URL=database_url)
        api = open_.enter_context(api_server(folder, settings))
        yield f"http://{api.address}"


def _times(http: requests.Session, urls: list[str]) -> Times:
    """Get each URL once, and then all in turn, so that `times` has no first requests."""
    first = max(_get(http, url) for url in urls)
    return Times(first, [_get(http, url) for url in islice(cycle(urls), max(REPEATS, len(urls)))])


def _get(http: requests.Session, url: str) -> float:
    started = time.perf_counter()
    answer = http.get(url, timeout=TIMEOUT_S)
    taken = 1000 * (time.perf_counter() - started)
    answer.raise_for_status()
    return taken
