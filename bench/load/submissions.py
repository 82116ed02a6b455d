"""Two thousand submissions at fifty a second while a session runs: their order and delay, and the session's results."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus

from bench.load.child import child
from bench.load.ollama import EACH_MS, FIRST_MS
from bench.load.setup import HOST, LoadSetup, cpu_s, load_setup
from cli.server.client import Client
from cli.server.configuration import Connection
from common.values.free_json import Json
from testbed.stored.queued import waiting
from testbed.waiting import until

COUNT, A_SECOND = 2000, 50
MODEL = "tiny:latest"
MEASURED = {"decode": ("interChunkLatency", EACH_MS), "ttft": ("timeToFirstToken", FIRST_MS)}
"""By test type: the metric that is compared, and its true value in ms."""
SESSION = {
    "models": [MODEL],
    "testTypes": ["decode", "ttft"],
    "options": {
        "decode": {"promptTokens": 64, "outputTokens": 64, "minRepetitions": 50, "maxRepetitions": 50},
        "ttft": {"promptTokens": 64, "outputTokens": 16, "minRepetitions": 100, "maxRepetitions": 100},
    },
}
"""About a minute of requests at the test server's pace, longer than all submissions take."""
SMALL = {
    "models": [MODEL],
    "testTypes": ["ttft"],
    "options": {"ttft": {"promptTokens": 64, "outputTokens": 16, "minRepetitions": 1, "maxRepetitions": 1}},
}
FINISHED = 5
"""Submitted sessions that must have run, in order, before the benchmark ends."""
TIMEOUT_S = 300
MS = 1000


@dataclass(frozen=True)
class Submission:
    """One submission. Times are in seconds of the submitters' clock."""

    due: float
    sent: float
    answered: float
    status: int
    session: str


@dataclass(frozen=True)
class MetricChange:
    """A metric of a session without and with submissions: medians, and the 95 % interval of the first. In ms."""

    name: str
    alone: float
    beside: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class SubmissionResult:
    """How many of the submitted sessions were accepted, stored and queued.

    `overaccepted` is the number on the queue before a session that was answered before they were sent. Delays are in ms
    from when a submission was due. `cpu_ms` is the API's processor time for each.
    """

    submitted: int
    accepted: int
    stored: int
    queued: int
    overaccepted: int
    as_dated: bool
    ran_in_order: int
    p50: float
    p99: float
    slowest: float
    cpu_ms: float
    changes: list[MetricChange]


def measure(count: int = COUNT, a_second: float = A_SECOND) -> SubmissionResult:
    with child("bench.load.ollama") as ollama, load_setup(ollama.receive()) as setup, setup.sampler(), setup.worker():
        client = Client(Connection(f"http://{setup.api.address}"))
        alone = _measured(setup, client, client.submit_one(SESSION))
        running = client.submit_one(SESSION)
        until(lambda: running in _ids(setup, "WHERE phase = 'measuring'"), "the session to be measured")
        busy_ms = MS * cpu_s(setup.process)
        with child("bench.load.submitters", setup.api.address, count, a_second, json.dumps(SMALL)) as submitters:
            seen = [Submission(*one) for one in json.loads(submitters.receive())]
        busy_ms = MS * cpu_s(setup.process) - busy_ms
        accepted = [one for one in seen if one.status == HTTPStatus.ACCEPTED]
        sessions = {one.session for one in accepted}
        stored, queued = _ids(setup, "ORDER BY created_at"), waiting(setup.redis, HOST)
        beside = _measured(setup, client, running)
        until(lambda: len(_ran(setup)) >= FINISHED + 2, "submitted sessions to run", TIMEOUT_S)
        ran = [session for session in _ran(setup) if session in queued]
        delays = sorted(MS * (one.answered - one.due) for one in seen)
        return SubmissionResult(
            submitted=count,
            accepted=len(accepted),
            stored=len(sessions.intersection(stored)),
            queued=len(sessions.intersection(queued)),
            overaccepted=count_overtakings(accepted, queued),
            as_dated=queued == sorted(sessions) == [one for one in stored if one in sessions],
            ran_in_order=sum(one == other for one, other in zip(ran, queued, strict=False)),
            p50=delays[len(delays) // 2],
            p99=delays[int(0.99 * (len(delays) - 1))],
            slowest=delays[-1],
            cpu_ms=busy_ms / count,
            changes=[_change(kind, alone, beside) for kind in MEASURED],
        )


def _measured(setup: LoadSetup, client: Client, session: str) -> Json:
    """Wait for the end of a session, and return the statistics of its tests by test type."""
    # Polling the API would be a load too.
    until(lambda: session in _ran(setup), "the end of the session", TIMEOUT_S)
    [model] = client.session(session)["models"]
    return {test["type"]: test["metrics"]["statistics"] for test in model["tests"]}


def _change(kind: str, alone: Json, beside: Json) -> MetricChange:
    name, truth = MEASURED[kind]
    without, with_ = alone[kind][name], beside[kind][name]
    low, high = without["ci95"]
    return MetricChange(f"{kind}: {name} (true value {truth} ms)", without["median"], with_["median"], (low, high))


def _ran(setup: LoadSetup) -> list[str]:
    """Return the sessions that have ended, in the order of their starts."""
    return _ids(setup, "WHERE status <> 'running' ORDER BY started_at")


def _ids(setup: LoadSetup, chosen: str) -> list[str]:
    with closing(sqlite3.connect(setup.folder / "gait.db")) as opened:
        return [row[0] for row in opened.execute(f"SELECT id FROM session {chosen}")]  # noqa: S608 - a constant of this file


def count_overtakings(accepted: list[Submission], order: list[str]) -> int:
    """Count the sessions in `order` before one that was answered before they were sent."""
    setup = {session: number for number, session in enumerate(order)}
    found, latest = 0, -1
    there = [one for one in accepted if one.session in setup]
    answered = sorted(there, key=lambda one: one.answered)
    for one in sorted(there, key=lambda one: one.sent):
        while answered and answered[0].answered < one.sent:
            latest = max(latest, setup[answered.pop(0).session])
        found += setup[one.session] < latest
    return found


def rows(result: SubmissionResult) -> list[tuple[str, str, str]]:
    """Return the rows of the table: what was measured, the target, the result."""
    submitted = f"{result.submitted:,}"
    p = f"{result.p50:.0f} / {result.p99:.0f} / {result.slowest:.0f} ms"
    return [
        (f"{submitted} submissions at {A_SECOND}/s: answered 202", submitted, f"{result.accepted:,}"),
        ("in the database; on the queue", f"{submitted}; {submitted}", f"{result.stored:,}; {result.queued:,}"),
        ("queued ahead of a session that was answered before they were sent", "0", str(result.overaccepted)),
        ("the queue's order is that of dates and of ids", "yes", "yes" if result.as_dated else "no"),
        (f"of the first {FINISHED} on the queue ran in order", str(FINISHED), str(result.ran_in_order)),
        ("delay of the answer p50 / p99 / slowest", "p99 <= 200 ms", p),
        ("API's CPU for each", "", f"{result.cpu_ms:.1f} ms"),
        *map(row, result.changes),
    ]


def row(change: MetricChange) -> tuple[str, str, str]:
    low, high = change.interval
    moved = f"{change.alone:.3f} -> {change.beside:.3f} ms, moved by {abs(change.beside - change.alone):.3f} ms"
    return f"{change.name} of the running session, without -> with submissions", f"< {high - low:.3f} ms", moved
