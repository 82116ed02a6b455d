"""What the bench reads: by what it is, the paths of several requests for it."""

import random
from collections.abc import Mapping
from itertools import pairwise

from bench.queries.beside import COMPARED
from bench.queries.dataset import (
    FAMILIES,
    HOSTS,
    MODELS,
    PER_PAGE,
    RARE_MODEL,
    RARE_TAG,
    RARE_WORD,
    SCHEDULE,
    TAGS,
    Dataset,
    SessionRow,
)
from bench.queries.reads_of_conclusions import API, others, paths
from common.catalogue.test_types import TEST_TYPES
from common.store.reads.states import State

Paths = Mapping[str, list[str]]


def reads(data: Dataset) -> Paths:
    """Return all reads by their names, each with some paths in a random order."""
    chance = random.Random(data.results)  # noqa: S311 - made-up data
    newest = _newest(data)
    sessions = {name: paths(f"{API}/test-sessions", each) for name, each in _sessions(data, newest, chance).items()}
    results = {name: paths(f"{API}/test-results", each) for name, each in _results(data, chance).items()}
    return {
        **{f"sessions: {name}": each for name, each in sessions.items()},
        **{f"results: {name}": each for name, each in results.items()},
        **others(data, newest, chance),
    }


def _newest(data: Dataset) -> list[SessionRow]:
    found: list[SessionRow] = []
    for session in data.sessions():
        found = [*found[1 - COMPARED :], session]
    return found


def _sessions(data: Dataset, newest: list[SessionRow], chance: random.Random) -> dict[str, list[dict[str, object]]]:
    last = data.number // PER_PAGE
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-:."
    return {
        "newest": [{}],
        "newest 100, results=false": [{"limit": 100, "results": "false"}],
        "a page in the middle": [{"page": chance.randint(last // 3, last // 2)} for _ in range(20)],
        "a page near the end": [{"page": last - number} for number in range(20)],
        "host": [{"host": host} for host in HOSTS],
        "group": [{"group": session.group} for session in newest],
        "schedule": [{"schedule": SCHEDULE}],
        "a series": [{"series": "name:nightly run"}],
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
        "search: two letters": [{"search": first + second} for first, second in pairwise(letters)],
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
        "newest 20 as CSV": [{"limit": 20, "format": "csv"}],
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
