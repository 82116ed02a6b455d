"""The rate limit of each client, with 429 for requests above it.

Requests are counted in the memory of this process, not in Redis. This process needs the protection, and counting must
continue while Redis is unavailable or slow.
"""

import time
from math import ceil

from flask import Flask, request
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests

from api.http.access.auth import client
from common.environment.settings import Settings

UNCOUNTED = {"health", "docs", "assets"}
"""Blueprints whose requests are not counted: probes, and the files of pages."""

BURST_S = 10
"""The rate is a mean over this time, because a page that opens sends many requests at once."""


class RateLimit:
    """The limit, checked before everything else in a request."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._allowed = RateLimitItemPerSecond(per_second * BURST_S, BURST_S)
        self._counted = SlidingWindowCounterRateLimiter(MemoryStorage())

    def check(self) -> None:
        """Refuse a request above the limit with 429 and Retry-After."""
        if request.blueprint in UNCOUNTED or self._counted.hit(self._allowed, client()):
            return
        free_at = self._counted.get_window_stats(self._allowed, client()).reset_time
        wait = max(1, ceil(free_at - time.time()))
        limit = f"The limit is {self._per_second} requests per second, as a mean over {BURST_S} s."
        raise TooManyRequests(f"Too many requests. {limit} Try again in {wait} s.", retry_after=wait)


def register(app: Flask, config: Settings) -> None:
    app.before_request(RateLimit(config.requests_per_second).check)
