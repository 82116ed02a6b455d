"""What the bench reads: by what it is, the paths of several requests for it."""

import random
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from bench.queries.dataset import (
    FAMILIES,
    HOSTS,
    MODELS,
    NIGHTLY_MODEL,
    NIGHTLY_TYPE,
    RARE_MODEL,
    RARE_TAG,
    RARE_WORD,
    TAGS,
    Dataset,
    SessionRow,
)
from bench.queries.fill import NEWEST
from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES
from common.store.reads.states import State

PER_PAGE = 20
API = "/api/v1"
WINDOW = {"from": "2024-03-01", "to": "2026-09-01"}
"""The time of most sessions, so that a page of the nightly history is full in a small database too."""

Paths = Mapping[str, list[str]]


def reads(data: Dataset) -> Paths:
    """Return all reads by their names, each with some paths in a random order."""
    chance = random.Random(data.results)  # noqa: S311 - made-up data
    newest = _newest(data)
    return {
        **{f"sessions: {name}": _listed("/test-sessions", each) for name, each in _sessions(data, chance).items()},
        **{f"results: {name}": _listed("/test-results", each) for name, each in _results(data, chance).items()},
        **_details(newest),
        **_pages(data, newest, chance),
    }


def _newest(data: Dataset) -> list[SessionRow]:
    found: list[SessionRow] = []
    for session in data.sessions():
        found = [*found[1 - NEWEST :], session]
    return found


def _listed(path: str, queries: Iterable[Mapping[str, object]]) -> list[str]:
    return [f"{API}{path}?{urlencode(query, doseq=True)}" for query in queries]


def _sessions(data: Dataset, chance: random.Random) -> dict[str, list[dict[str, object]]]:
    last = data.number // PER_PAGE
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-:."
    return {
        "newest": [{}],
        "newest 100, results=false": [{"limit": 100, "results": "false"}],
        "a page in the middle": [{"page": chance.randint(last // 3, last // 2)} for _ in range(20)],
        "a page near the end": [{"page": last - number} for number in range(20)],
        "host": [{"host": host} for host in HOSTS],
        "unknown host": [{"host": "nowhere"}],
        "a status": [{"status": state} for state in State],
        "several statuses": [
            {"status": "queued,running"},
            {"status": "error,cancelled"},
            {"status": "completed,error"},
        ],
        "host and status": [{"host": host, "status": "completed"} for host in HOSTS],
        "pinned": [{"pinned": "true"}, {"pinned": "false"}],
        "a common tag": [{"tags": tag} for tag in TAGS],
        "two common tags": [{"tags": pair} for pair in pairwise(TAGS)],
        "a rare tag": [{"tags": RARE_TAG}],
        "a rare and a common tag": [{"tags": [tag, RARE_TAG]} for tag in TAGS],
        "unknown tag": [{"tags": "nothing"}],
        "search: in most": [{"search": text} for text in ("nightly", "16-core", "geforce rtx", "debian")],
        "search: in many": [{"search": text} for text in (*FAMILIES, *TEST_TYPES)],
        "search: in few": [{"search": f"run {chance.randrange(data.number)}"} for _ in range(40)],
        "search: a rare word": [{"search": RARE_WORD}],
        "search: not found": [{"search": f"zz{chance.random()}"} for _ in range(40)],
        "search: one letter": [{"search": letter} for letter in letters],
        "search: two letters": [{"search": chance.choice(letters) + chance.choice(letters)} for _ in range(40)],
        "search: in many, a later page": [{"search": family, "page": 1 + last // 50} for family in FAMILIES],
        "search and tag": [{"search": family, "tags": tag} for family, tag in zip(FAMILIES, TAGS, strict=True)],
    }


def _results(data: Dataset, chance: random.Random) -> dict[str, list[dict[str, object]]]:
    last = data.results // 100
    machines = [machine.fingerprint for machine in data.machines().values()]
    days = [f"2026-{month:02}-01" for month in range(1, 11)]
    return {
        "newest 20": [{"limit": 20}],
        "newest 100": [{}],
        "newest 100, one metric": [{"metrics": "tokensPerSecond"}],
        "20 in the middle": [{"limit": 20, "page": chance.randint(2 * last, 3 * last)} for _ in range(20)],
        "20 near the end": [{"limit": 20, "page": 5 * last - number} for number in range(20)],
        "modelName": [{"modelName": name, "limit": 20} for name in MODELS],
        "rare modelName": [{"modelName": RARE_MODEL, "limit": 20}],
        "unknown modelName": [{"modelName": "nothing:1b", "limit": 20}],
        "testType": [{"testType": name, "limit": 20} for name in TEST_TYPES],
        "unknown testType": [{"testType": "nothing", "limit": 20}],
        "modelName and testType": [{"modelName": name, "testType": "decode", "limit": 20} for name in MODELS],
        "hardwareConfig: fingerprint": [{"hardwareConfig": machine, "limit": 20} for machine in machines],
        "hardwareConfig: one GPU": [{"hardwareConfig": f"RTX {3060 + 10 * n}", "limit": 20} for n in range(len(HOSTS))],
        "hardwareConfig: all": [{"hardwareConfig": text, "limit": 20} for text in ("ryzen", "nvidia", "debian")],
        "hardwareConfig: host": [{"hardwareConfig": host, "limit": 20} for host in HOSTS],
        "hardwareConfig: unknown": [{"hardwareConfig": "nothing", "limit": 20}],
        "hardwareConfig and rare modelName": [
            {"hardwareConfig": host, "modelName": RARE_MODEL, "limit": 20} for host in HOSTS
        ],
        "dateRange: a month": [
            {"dateRange[start]": start, "dateRange[end]": end, "limit": 20} for start, end in pairwise(days)
        ],
        "dateRange: from a day": [{"dateRange[start]": f"{year}-03-01", "limit": 20} for year in (2024, 2025, 2026)],
        "dateRange and modelName": [
            {"dateRange[start]": "2025-03-01", "modelName": name, "limit": 20} for name in MODELS
        ],
    }


def _details(newest: list[SessionRow]) -> dict[str, list[str]]:
    of_session = {"a session": "", "its runs": "/runs", "its export": "/export"}
    return {
        name: [f"{API}/test-sessions/{session.id}{path}" for session in newest] for name, path in of_session.items()
    }


def _pages(data: Dataset, newest: list[SessionRow], chance: random.Random) -> dict[str, list[str]]:
    last = data.number // PER_PAGE
    histories = [{"model": name, "testType": "decode"} for name in MODELS]
    of_one = {"model": NIGHTLY_MODEL, "testType": NIGHTLY_TYPE, "host": HOSTS[0]}
    nightly = [{**of_one, "metric": name} for name in list(METRICS)[:12]]
    decode = {"testType": NIGHTLY_TYPE, "metric": "tokensPerSecond"}
    compared = [[("session", session.id) for session in chance.sample(newest, 3)] for _ in range(10)]
    queries: dict[str, tuple[str, list[Any]]] = {
        "page: sessions": ("/", [{}]),
        "page: sessions, in the middle": ("/", [{"page": chance.randint(last // 3, last // 2)} for _ in range(10)]),
        "page: sessions, search": ("/", [{"search": family} for family in FAMILIES]),
        "page: history": ("/history", [{}]),
        "page: history of each model": ("/history", histories),
        "page: history of 200 sessions": ("/history", nightly),
        "page: history of 200 sessions, window": ("/history", [{**each, **WINDOW} for each in nightly]),
        "page: comparison of 3": ("/compare", compared),
        "comparison of 3": (f"{API}/comparisons", [_as_comparison(each) for each in compared]),
        "history of each model": (f"{API}/histories", histories),
        "history of 200 sessions": (f"{API}/histories", nightly),
        "leaderboard": (f"{API}/leaderboard", [{"testType": name, "metric": "tokensPerSecond"} for name in TEST_TYPES]),
        "leaderboard: tag": (f"{API}/leaderboard", [{**decode, "tag": tag} for tag in (*TAGS, RARE_TAG)]),
        "leaderboard: host": (f"{API}/leaderboard", [{**decode, "host": host} for host in HOSTS]),
        "metrics": ("/metrics", [{}]),
        "page: comparison, search": ("/compare", [{"search": text} for text in (RARE_WORD, *FAMILIES)]),
    }
    found = {name: [f"{path}?{urlencode(each)}" for each in some] for name, (path, some) in queries.items()}
    found |= {f"page: {path}": [path] for path in ("/new", "/machines")}
    return {**found, "page: a session": [f"/sessions/{session.id}" for session in newest]}


def _as_comparison(sessions: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the parameters of the route for what the page compares."""
    baseline, *others = (session for _, session in sessions)
    return {"baseline": baseline, "candidate": ",".join(others)}
