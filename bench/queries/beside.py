"""Rows beside sessions and results: runs, regressions, schedules, and what was sent to a webhook."""

import random
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from peewee import Model, SqliteDatabase, chunked

from api.conclusions.histories.comparable_sessions import options_text
from bench.queries.dataset import COMMON_TYPE, HOSTS, MODELS, NEWEST, SCHEDULE, SPAN_DAYS, WEBHOOK, Dataset
from bench.queries.fill import OPTIONS
from common.alerts.event_types import EventType
from common.store.alerts.outbox import KEPT
from common.store.alerts.tables import Delivery, DeliveryState, EndReason, Event, Receiver, Regression
from common.store.connections.schema import refresh_statistics
from common.store.database import database
from common.store.schedules import Schedule
from common.store.tables import Run, Session, Test
from common.values.free_json import Json

COMPARED, RUNS = 40, 10
"""The newest sessions, whose runs are stored, because the bench compares them. Those of older ones are pruned."""
OPEN = 30
"""Regressions that are not over: the newest."""
SCHEDULES = 40
DELIVERIES_PER_FAILURE = 3
"""One of as many was given up, so that these fill a page in a small database too."""
AT_ONCE = 200


def add_beside(data: Dataset) -> None:
    """Store the rows beside the sessions of the data set, which are stored."""
    sessions = list(Session.select(Session.id, Session.created_at).order_by(Session.id.desc()))
    with database.atomic():
        _add(Run, _runs(sessions[:COMPARED]))
        Session.update(pruned_at=NEWEST, has_raw_data=False).where(Session.id < sessions[COMPARED - 1].id).execute()
        _add(Regression, (_regression(*each) for each in enumerate(sessions[:: data.sessions_per_regression])))
        _add(Schedule, map(_schedule, range(SCHEDULES)))
        Receiver.create(id=WEBHOOK, url="https://ci.example/gait", events=[*EventType], enabled=True, created_at=NEWEST)
        recent = sessions[: round(data.number * KEPT / timedelta(days=SPAN_DAYS))]
        _add(Event, (_event(*each) for each in enumerate(reversed(recent), 1)))
        _add(Delivery, (_delivery(number) for number in range(1, len(recent) + 1)))
    if not isinstance(database.obj, SqliteDatabase):
        database.execute_sql("VACUUM")  # PostgreSQL would do it soon, but not before the first reads
    refresh_statistics(database.obj)


def _add(table: type[Model], rows: Iterable[Json]) -> None:
    for some in chunked(rows, AT_ONCE):
        table.insert_many(list(some)).execute()


def _runs(sessions: Iterable[Session]) -> Iterable[Json]:
    for test in Test.select(Test.id, Test.finished_at).where(Test.session.in_([session.id for session in sessions])):
        yield from (_run(test, repetition) for repetition in range(1, RUNS + 1))


def _run(test: Test, repetition: int) -> Json:
    chance = random.Random(test.id * RUNS + repetition)  # noqa: S311 - made-up data
    metrics = {name: chance.gauss(100, 3) for name in ("tokensPerSecond", "decodeTokensPerSecond", "timeToFirstToken")}
    record = {"seed": "1", "software": None, "loaded": [], "window": [0, 1], "own": [], "requests": [], "phases": []}
    unknown: Json = {"clockError": None, "observed": {}, "peaks": {}, "usage": {}, "verdicts": [], "rejected": []}
    return {
        "test": test.id,
        "conditions": {},
        "repetition": repetition,
        "at": test.finished_at,
        "metrics": metrics,
        "record": {**record, **unknown},
    }


def _regression(number: int, session: Session) -> Json:
    """Return the regression that a session showed. `number` counts them from the newest."""
    sentence = "Decode became 10.4 % slower."
    level = {"value": 80.0, "ci95": [79.0, 81.0]}
    change = {"unit": "tokens/s", "relative": True, "change": -10.4, "ci95": [-11.0, -9.8], "drifts": False}
    over = {
        "over_at": session.created_at + timedelta(days=2),
        "over_reason": EndReason.RECOVERED,
        "over_session": session.id,
        "over_sentence": "It is as before.",
    }
    return {
        "id": str(UUID(int=number)),
        "model": MODELS[number % len(MODELS)],
        "test_type": COMMON_TYPE,
        "metric": "tokensPerSecond",
        "host": HOSTS[number % len(HOSTS)],
        "options": options_text(OPTIONS),
        "record": {**change, "before": level, "after": level, "coinciding": [], "sentence": sentence},
        "opened_at": session.created_at,
        "acknowledged_at": session.created_at if number % 2 else None,
        **dict.fromkeys(("first", "seen"), session.id),
        **dict.fromkeys(("first_at", "seen_at"), session.created_at),
        **(dict.fromkeys(over) if number < OPEN else over),
    }


def _schedule(number: int) -> Json:
    return {
        "id": SCHEDULE if number == 0 else str(UUID(int=1000 + number)),
        "name": f"nightly {number}",
        "cron": "30 2 * * *",
        "time_zone": "UTC",
        "session": {"models": [MODELS[0]], "testTypes": [COMMON_TYPE]},
        "enabled": True,
        "created_at": NEWEST,
        "next_at": NEWEST + timedelta(days=36500),
    }


def _event(number: int, session: Session) -> Json:
    return {
        "id": number,
        "uid": str(UUID(int=number)),
        "type": EventType.SESSION_FINISHED,
        "at": session.created_at,
        "created_at": session.created_at,
        "text": "A session has ended.",
        "path": f"/sessions/{session.id}",
        "data": {"sessionId": session.id},
    }


def _delivery(number: int) -> Json:
    state = DeliveryState.DELIVERED if number % DELIVERIES_PER_FAILURE else DeliveryState.GIVEN_UP
    return {"id": number, "receiver": WEBHOOK, "event": number, "state": state, "attempts": 1, "attempted_at": NEWEST}
