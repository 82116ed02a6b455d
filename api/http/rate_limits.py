"""Limit of requests per client, answered with 429 beyond it.

Requests are counted in the memory of this process, not in Redis. It is this process that needs protection, and
counting must go on while Redis is unavailable or slow.
"""

import time
from math import ceil

from flask import Flask, request
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests

from api.http.auth import client
from common.config import Settings

UNCOUNTED = {"health", "docs", "assets"}
"""The blueprints whose requests are not counted: probes, and the files of pages."""

BURST_S = 10
"""The rate is a mean over so many seconds: a page that opens, or a client that starts, asks for much at once."""


class Rate:
    """How many requests each client may make; refuses what goes beyond, before anything else is looked at."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._allowed = RateLimitItemPerSecond(per_second * BURST_S, BURST_S)
        self._counted = SlidingWindowCounterRateLimiter(MemoryStorage())

    def check(self) -> None:
        """429 with Retry-After."""
        if request.blueprint in UNCOUNTED or self._counted.hit(self._allowed, client()):
            return
        free_at = self._counted.get_window_stats(self._allowed, client()).reset_time
        wait = max(1, ceil(free_at - time.time()))
        allowed = f"{self._per_second} requests a second, as a mean over {BURST_S} seconds, are allowed"
        raise TooManyRequests(f"too many requests: {allowed}; try again in {wait} s", retry_after=wait)


def register(app: Flask, config: Settings) -> None:
    app.before_request(Rate(config.requests_per_second).check)
