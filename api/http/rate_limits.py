"""How much one client may ask for. Who asks for more gets a 4xx that says what is allowed and what to do.

Requests are counted in this process's memory, not in Redis: what is to be protected is this process, it is one unless
an operator starts more, and counting must go on where Redis is away or slow.
"""

import time
from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from flask import Flask, current_app, request
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from api.app_state import hubs_of, settings
from api.http.auth import client, owner
from api.http.errors import refuse
from common.catalogue.test_types import Options, TestType
from common.config import ALL_HOSTS, Settings
from common.store import sessions

Json = dict[str, Any]

UNCOUNTED = {"health", "docs", "assets"}
"""The blueprints whose requests are not counted: probes, and the files of pages."""

BURST_S = 10
"""The rate is a mean over so many seconds: a page that opens, or a client that starts, asks for much at once."""
LATER_S = 10


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


def check_websockets() -> None:
    """503 for a WebSocket beyond what this process's memory is to hold; those that shake hands now are not yet seen."""
    if request.url_rule is None or not request.url_rule.websocket:
        return
    most = settings().max_websockets
    if sum(hub.watching for hub in hubs_of(current_app)) >= most:
        message = f"{most} WebSockets are open, and no more are allowed; try again later, or raise MAX_WEBSOCKETS"
        raise ServiceUnavailable(message, retry_after=LATER_S)


def check_session(body: Json, types: Mapping[str, Options], catalogue: dict[str, TestType]) -> str | None:
    """Whose the session is to be: None without keys. 422 for one that is too large, 429 for one too many.

    `types` are the options of each test type that is asked for, all of them.
    """
    hosts = len(settings().ollama_hosts) if body["host"] == ALL_HOSTS else 1
    _check_runs(body, hosts, {name: _runs(catalogue[name], options) for name, options in types.items()})
    whose = owner()
    _check_open(whose, hosts)
    return whose


def _runs(test_type: TestType, options: Options) -> int:
    """How many runs a test may take, as far as its options tell: a few types have points beside those."""
    return len(test_type.points(options)) * int(options.get("maxRepetitions") or 1)


def _check_runs(body: Json, hosts: int, runs: dict[str, int]) -> None:
    most, models = settings().max_runs, len(body["models"])
    asked = sum(runs.values()) * models * hosts
    if asked > most:
        less = "ask for fewer models, test types, values of options, or a lower maxRepetitions"
        each = {name: [f"{count} runs a model"] for name, count in runs.items()}
        refuse(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"the session may take {asked} runs (models × test types × points × maxRepetitions × hosts), "
            f"and {most} are allowed: {less}",
            {"runs": [f"{asked} asked for, {most} allowed"], "testTypes": each},
        )


def _check_open(whose: str | None, hosts: int) -> None:
    """Those that are submitted at the same moment do not see each other, so that a few more may get through."""
    most, there = settings().max_open_sessions, sessions.open_sessions(whose)
    if there + hosts > most:
        whom = "with this key" if whose else "without a key"
        refuse(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{there} sessions {whom} wait or run, and {most} are allowed: wait until some have ended, or cancel some",
            {"sessions": [f"{hosts} asked for, {there} open, {most} allowed"]},
        )
