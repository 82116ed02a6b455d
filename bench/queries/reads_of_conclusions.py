"""What the bench reads besides lists of sessions and of results: conclusions, other lists, and pages."""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from bench.queries.dataset import (
    COMMON_TAG,
    COMMON_TYPE,
    FAMILIES,
    HOSTS,
    MODELS,
    NIGHTLY_MODEL,
    PER_PAGE,
    RARE_MODEL,
    RARE_TAG,
    RARE_WORD,
    SPREAD_MODEL,
    TAGS,
    WEBHOOK,
    Dataset,
    SessionRow,
)
from common.catalogue.metrics import METRICS

API = "/api/v1"
OF_SESSION = {"a session": "", "its runs": "/runs", "its export": "/export", "its repeats": "/repeats"}
OF_SESSION |= {"its readings": "/telemetry", "its report": "/export?format=html"}
WINDOW = {"from": "2024-03-01", "to": "2026-09-01"}
"""The time of most sessions, so that a page of the nightly history is full in a small database too."""
SPANS = {"baseline": "2024-02-05/2025-06-18", "candidate": "2025-06-19/2026-10-31"}
"""Both halves of the time of all sessions, each with more sessions than a span may have."""
DECODE = {"testType": COMMON_TYPE, "metric": "tokensPerSecond"}
OF_NIGHTS = {"model": NIGHTLY_MODEL, "testType": COMMON_TYPE, "host": HOSTS[0]}
ON_ALL_HOSTS = {"model": SPREAD_MODEL, "testType": COMMON_TYPE}
METRICS_READ = list(METRICS)[:12]

Queries = Sequence[Any]
"""The parameters of several requests, as `urlencode` takes them."""


def paths(path: str, queries: Queries) -> list[str]:
    """Return a path with each of several queries."""
    return [f"{path}?{urlencode(each, doseq=True)}" for each in queries]


def others(data: Dataset, newest: Sequence[SessionRow], chance: random.Random) -> dict[str, list[str]]:
    """Return the paths by what they read."""
    ids = [session.id for session in newest]
    compared = [chance.sample(ids, 3) for _ in range(10)]
    read = {**_lists(data, ids), **_conclusions(compared), **_pages(data, compared, chance)}
    return {
        **{name: [f"{API}/test-sessions/{each}{path}" for each in ids] for name, path in OF_SESSION.items()},
        **{name: paths(path, queries) for name, (path, queries) in read.items()},
        "page: a session": [f"/sessions/{each}" for each in ids],
    }


def _lists(data: Dataset, ids: Sequence[str]) -> dict[str, tuple[str, Queries]]:
    regressions, deliveries = f"{API}/regressions", f"{API}/webhooks/{WEBHOOK}/deliveries"
    few = {"limit": PER_PAGE}
    middle = {**few, "page": 1 + data.number // data.sessions_per_regression // PER_PAGE // 2}
    return {
        "regressions": (regressions, [few]),
        "regressions: all": (regressions, [{**few, "state": "all"}]),
        "regressions: all, in the middle": (regressions, [{**middle, "state": "all"}]),
        "regressions: host": (regressions, [{**few, "state": "all", "host": host} for host in HOSTS]),
        "regressions: model": (regressions, [{**few, "state": "all", "modelName": name} for name in MODELS]),
        "regressions: acknowledged": (regressions, [{**few, "acknowledged": each} for each in ("true", "false")]),
        "regressions: session": (regressions, [{**few, "state": "all", "sessionId": ids[-1]}]),
        "deliveries": (deliveries, [few]),
        "deliveries: a state": (deliveries, [{**few, "state": each} for each in ("delivered", "given-up", "pending")]),
        "webhooks": (f"{API}/webhooks", [{}]),
        "schedules": (f"{API}/schedules", [{}]),
        "hosts": (f"{API}/hosts", [{}]),
        "overview": (f"{API}/overview", [{"host": host} for host in HOSTS]),
        "metrics": ("/metrics", [{}]),
    }


def _conclusions(compared: Iterable[Sequence[str]]) -> dict[str, tuple[str, Queries]]:
    sessions = [{"baseline": first, "candidate": ",".join(more)} for first, *more in compared]
    return {
        "comparison of 3": (f"{API}/comparisons", sessions),
        "comparison of spans": (f"{API}/comparisons", [{**each, **SPANS} for each in _of_each_metric(OF_NIGHTS)]),
        "history of 200 sessions": (f"{API}/histories", _of_each_metric(OF_NIGHTS)),
        "history of 200 sessions, all hosts": (f"{API}/histories", _of_each_metric(ON_ALL_HOSTS)),
        "leaderboard": (f"{API}/leaderboard", _of_each_metric({"testType": COMMON_TYPE})),
        "leaderboard: tag": (f"{API}/leaderboard", [{**DECODE, "tag": COMMON_TAG}]),
        "leaderboard: host": (f"{API}/leaderboard", [{**DECODE, "host": host} for host in HOSTS]),
        "leaderboard: model": (f"{API}/leaderboard", [{**DECODE, "model": name} for name in (*MODELS, RARE_MODEL)]),
    }


def _pages(data: Dataset, compared: Iterable[Sequence[str]], chance: random.Random) -> dict[str, tuple[str, Queries]]:
    last = data.number // PER_PAGE
    found: dict[str, tuple[str, Queries]] = {
        "sessions": ("/", [{}]),
        "sessions, in the middle": ("/", [{"page": chance.randint(last // 3, last // 2)} for _ in range(10)]),
        "sessions, search": ("/", [{"search": family} for family in FAMILIES]),
        "sessions, tag": ("/", [{"tags": tag} for tag in (*TAGS, RARE_TAG)]),
        "sessions, status": ("/", [{"status": status} for status in ("completed", "error", "running")]),
        "sessions, a series": ("/", [{"series": "name:nightly run", "page": page} for page in range(1, 11)]),
        "models": ("/models", [{}]),
        "models, filtered": ("/models", [{"find": family} for family in FAMILIES]),
        "a model": ("/models/one", [{"model": NIGHTLY_MODEL}]),
        "a model on a machine": ("/models/one", [{"model": NIGHTLY_MODEL, "host": HOSTS[0]}]),
        "history": ("/history", [{}]),
        "history of 200 sessions": ("/history", _of_each_metric(OF_NIGHTS)),
        "history of 200 sessions, all hosts": ("/history", _of_each_metric(ON_ALL_HOSTS)),
        "history of 200 sessions, window": ("/history", _of_each_metric({**OF_NIGHTS, **WINDOW})),
        "comparison of 3": ("/compare", [[("session", each) for each in sessions] for sessions in compared]),
        "comparison, search": ("/compare", [{"search": text} for text in (RARE_WORD, *FAMILIES)]),
        "/new": ("/new", [{}]),
        "/machines": ("/machines", [{}]),
        "a machine": ("/machines/one", [{"host": host} for host in HOSTS]),
    }
    return {f"page: {name}": read for name, read in found.items()}


def _of_each_metric(history: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [{**history, "metric": name} for name in METRICS_READ]
