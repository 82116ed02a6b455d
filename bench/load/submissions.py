"""Two thousand submissions at fifty a second while a session runs: what becomes of them, and of the session."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bench.load.child import child
from bench.load.double import EACH_MS, FIRST_MS
from bench.load.site import HOST, Site, cpu_s, site
from local.client import Client
from testbed.queued import waiting
from testbed.waiting import until

COUNT, A_SECOND = 2000, 50
MODEL = "tiny:latest"
MEASURED = {"decode": ("interChunkLatency", EACH_MS), "ttft": ("timeToFirstToken", FIRST_MS)}
"""By test type: the figure that is looked at, and what it is in truth, in ms."""
SESSION = {
    "models": [MODEL],
    "testTypes": ["decode", "ttft"],
    "options": {
        "decode": {"promptTokens": 64, "outputTokens": 64, "minRepetitions": 50, "maxRepetitions": 50},
        "ttft": {"promptTokens": 64, "outputTokens": 16, "minRepetitions": 100, "maxRepetitions": 100},
    },
}
"""About a minute of requests at the double's pace, so that all submissions fall within."""
SMALL = {
    "models": [MODEL],
    "testTypes": ["ttft"],
    "options": {"ttft": {"promptTokens": 64, "outputTokens": 16, "minRepetitions": 1, "maxRepetitions": 1}},
}
FINISHED = 5
"""So many of the submitted sessions are seen to run, in their order."""
PATIENCE_S = 300
MS = 1000

Json = dict[str, Any]


@dataclass(frozen=True)
class Submission:
    """Times in seconds of the submitters' clock."""

    due: float
    sent: float
    answered: float
    status: int
    session: str


@dataclass(frozen=True)
class Figure:
    """A figure of a session without and with submissions: medians, and the interval (95 %) of the first. In ms."""

    name: str
    alone: float
    beside: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Found:
    """Of the sessions `asked` for, how many were taken, stood in the database, were on the queue, and stood there
    before one that had been answered before they were sent. Delays are in ms, from when they were due, `cpu_ms` is
    what each cost the API.
    """

    asked: int
    taken: int
    stored: int
    queued: int
    overtaken: int
    as_dated: bool
    ran_in_order: int
    p50: float
    p99: float
    slowest: float
    cpu_ms: float
    figures: list[Figure]


def measure(count: int = COUNT, a_second: float = A_SECOND) -> Found:
    with child("bench.load.double") as double, site(double.hear()) as place, place.sampler(), place.worker():
        client = Client(f"http://{place.api.address}")
        alone = _measured(place, client, client.submit(SESSION))
        running = client.submit(SESSION)
        until(lambda: running in _ids(place, "WHERE phase = 'measuring'"), "the session to be measured")
        busy_ms = MS * cpu_s(place.process)
        with child("bench.load.submitters", place.api.address, count, a_second, json.dumps(SMALL)) as submitters:
            seen = [Submission(*one) for one in json.loads(submitters.hear())]
        busy_ms = MS * cpu_s(place.process) - busy_ms
        taken = [one for one in seen if one.status == HTTPStatus.ACCEPTED]
        sessions = {one.session for one in taken}
        stored, queued = _ids(place, "ORDER BY created_at"), waiting(place.redis, HOST)
        beside = _measured(place, client, running)
        until(lambda: len(_ran(place)) >= FINISHED + 2, "submitted sessions to run", PATIENCE_S)
        ran = [session for session in _ran(place) if session in queued]
        delays = sorted(MS * (one.answered - one.due) for one in seen)
        return Found(
            asked=count,
            taken=len(taken),
            stored=len(sessions.intersection(stored)),
            queued=len(sessions.intersection(queued)),
            overtaken=overtakings(taken, queued),
            as_dated=queued == sorted(sessions) == [one for one in stored if one in sessions],
            ran_in_order=sum(one == other for one, other in zip(ran, queued, strict=False)),
            p50=delays[len(delays) // 2],
            p99=delays[int(0.99 * (len(delays) - 1))],
            slowest=delays[-1],
            cpu_ms=busy_ms / count,
            figures=[_figure(kind, alone, beside) for kind in MEASURED],
        )


def _measured(place: Site, client: Client, session: str) -> Json:
    """The statistics of each test of a session, once it has ended, by test type."""
    # Asking the API for it all the while would be a load too.
    until(lambda: session in _ran(place), "the end of the session", PATIENCE_S)
    [model] = client.session(session)["models"]
    return {test["type"]: test["metrics"]["statistics"] for test in model["tests"]}


def _figure(kind: str, alone: Json, beside: Json) -> Figure:
    name, truth = MEASURED[kind]
    without, with_ = alone[kind][name], beside[kind][name]
    low, high = without["ci95"]
    return Figure(f"{kind}: {name} (true value {truth} ms)", without["median"], with_["median"], (low, high))


def _ran(place: Site) -> list[str]:
    """Those that have ended, in the order of their starts."""
    return _ids(place, "WHERE status <> 'running' ORDER BY started_at")


def _ids(place: Site, chosen: str) -> list[str]:
    with closing(sqlite3.connect(place.folder / "gait.db")) as opened:
        return [row[0] for row in opened.execute(f"SELECT id FROM session {chosen}")]  # noqa: S608 - of ours


def overtakings(taken: list[Submission], order: list[str]) -> int:
    """How many sessions stand in the `order` before one that was answered before they were sent."""
    place = {session: number for number, session in enumerate(order)}
    found, latest = 0, -1
    there = [one for one in taken if one.session in place]
    answered = sorted(there, key=lambda one: one.answered)
    for one in sorted(there, key=lambda one: one.sent):
        while answered and answered[0].answered < one.sent:
            latest = max(latest, place[answered.pop(0).session])
        found += place[one.session] < latest
    return found


def rows(found: Found) -> list[tuple[str, str, str]]:
    """The rows of the table: what was measured, what is wanted, the result."""
    asked = f"{found.asked:,}"
    p = f"{found.p50:.0f} / {found.p99:.0f} / {found.slowest:.0f} ms"
    return [
        (f"{asked} submissions at {A_SECOND}/s: answered 202", asked, f"{found.taken:,}"),
        ("in the database; on the queue", f"{asked}; {asked}", f"{found.stored:,}; {found.queued:,}"),
        ("queued ahead of a session that was answered before they were sent", "0", str(found.overtaken)),
        ("the queue's order is that of dates and of ids", "yes", "yes" if found.as_dated else "no"),
        (f"of the first {FINISHED} on the queue ran in order", str(FINISHED), str(found.ran_in_order)),
        ("delay of the answer p50 / p99 / slowest", "p99 <= 200 ms", p),
        ("API's CPU for each", "", f"{found.cpu_ms:.1f} ms"),
        *map(row, found.figures),
    ]


def row(figure: Figure) -> tuple[str, str, str]:
    low, high = figure.interval
    moved = f"{figure.alone:.3f} -> {figure.beside:.3f} ms, moved by {abs(figure.beside - figure.alone):.3f} ms"
    return f"{figure.name} of the running session, without -> with submissions", f"< {high - low:.3f} ms", moved
