"""Two thousand submissions at fifty a second while a session runs: what becomes of them, and of the session."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from bench.load.child import child
from bench.load.site import HOST, Site, site
from common import queue
from common.redis import QUEUE
from local.client import Client
from tests.support.waiting import until

COUNT, A_SECOND = 2000, 50
MODEL = "tiny:latest"
MEASURED = {"decode": ("interTokenLatency",), "ttft": ("timeToFirstToken",)}
SESSION = {
    "models": [MODEL],
    "testTypes": ["decode", "ttft"],
    "options": {
        "decode": {"promptTokens": 64, "outputTokens": 64, "minRepetitions": 30, "maxRepetitions": 30},
        "ttft": {"promptTokens": 64, "outputTokens": 16, "minRepetitions": 60, "maxRepetitions": 60},
    },
}
"""About forty seconds of requests at the double's pace."""
SMALL = {
    "models": [MODEL],
    "testTypes": ["ttft"],
    "options": {"ttft": {"promptTokens": 64, "outputTokens": 16, "minRepetitions": 1, "maxRepetitions": 1}},
}
FINISHED = 5
"""So many of the submitted sessions are seen to run, in their order."""
PATIENCE_S = 300
MS = 1000


@dataclass(frozen=True)
class Submission:
    """Times in seconds of the submitters' clock."""

    due: float
    sent: float
    answered: float
    status: int
    session: str

    @property
    def taken(self) -> bool:
        return self.status == 202


@dataclass(frozen=True)
class Figure:
    """The running session's figure of a test type without and with submissions, with its interval; in ms."""

    name: str
    alone: float
    beside: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Found:
    asked: int
    taken: int
    stored: int
    queued: int
    overtaken: int
    ran_in_order: int
    p50: float
    p99: float
    slowest: float
    figures: tuple[Figure, ...]


def measure(count: int = COUNT, a_second: float = A_SECOND) -> Found:
    with child("bench.load.double") as double, site(double.hear()) as place, place.sampler(), place.worker():
        client = Client(f"http://{place.api.address}")
        alone = _measured(client, client.submit(SESSION))
        running = client.submit(SESSION)
        until(lambda: client.session(running)["phase"] == "measuring", "the session to be measured")
        with child("bench.load.submitters", place.api.address, count, a_second, json.dumps(SMALL)) as submitters:
            seen = [Submission(*one) for one in json.loads(submitters.hear())]
        taken = [one for one in seen if one.taken]
        stored, queued = _stored(place), queue.waiting(place.redis, HOST)
        beside = _measured(client, running)
        print(client.session(running)["models"][0]["tests"][0]["logs"])
        print(json.dumps(alone), json.dumps(beside))
        print([one for one in seen if not one.taken][:3])
        delays = sorted(MS * (one.answered - one.due) for one in seen)
        print(
            len(taken),
            len(stored),
            len(queued),
            overtakings(taken, queued),
            delays[len(delays) // 2],
            delays[int(0.99 * len(delays)) - 1],
            delays[-1],
        )


def _measured(client: Client, session: str) -> dict[str, Any]:
    """The statistics of each test of a session that has ended, by test type."""
    until(lambda: client.session(session)["status"] != "running", "the end of the session", PATIENCE_S)
    [model] = client.session(session)["models"]
    return {test["type"]: test["metrics"]["statistics"] for test in model["tests"]}


def _stored(place: Site) -> list[str]:
    """The sessions in the database, in their order of dates."""
    with closing(sqlite3.connect(place.folder / "gait.db")) as opened:
        return [row[0] for row in opened.execute("SELECT id FROM session ORDER BY created_at, id")]


def overtakings(taken: list[Submission], order: list[str]) -> int:
    """How many sessions stand in the `order` before one that was answered before they were sent."""
    place = {session: number for number, session in enumerate(order)}
    found, latest = 0, -1
    answered = sorted(taken, key=lambda one: one.answered)
    for one in sorted(taken, key=lambda one: one.sent):
        while answered and answered[0].answered < one.sent:
            latest = max(latest, place[answered.pop(0).session])
        found += place[one.session] < latest
    return found


if __name__ == "__main__":
    print(measure())
