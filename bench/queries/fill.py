"""Fill an empty database of this release with a data set, in bulk."""

import random
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any

import orjson
from peewee import Model, SqliteDatabase
from psycopg import sql

from bench.queries.dataset import Dataset, Machine, SessionRow
from common.free_json import Json
from common.records.test_metrics import spread
from common.store.database import database
from common.store.reads.lists import search_index
from common.store.schema import refresh_statistics
from common.store.search_tables import SessionTag, SessionText
from common.store.tables import Hardware, Phase, Result, Run, Session, Status, Test

SESSIONS_AT_ONCE = 500
SECONDS_BETWEEN_LINES = 10
OPTIONS = {"minRepetitions": 5, "maxRepetitions": 10, "promptTokens": 128, "outputTokens": 64, "contextLength": 4096}
DURATION = timedelta(minutes=1)
NEWEST, RUNS = 40, 10

Rows = dict[type[Model], list[Json]]


def fill(data: Dataset) -> None:
    """Store the data set, showing how far it is. The database is bound to the tables and has no sessions."""
    search_index.drop(database.obj)
    if isinstance(database.obj, SqliteDatabase):
        for setting in ("synchronous = off", "journal_mode = off", "cache_size = -200000"):
            database.execute_sql(f"PRAGMA {setting}")  # without a journal, because an interrupted run fills it again
    sessions, stored, shown = data.sessions(), 0, time.monotonic()
    _store({Hardware: [_hardware(machine) for machine in data.machines().values()]})
    while some := list(islice(sessions, SESSIONS_AT_ONCE)):
        with database.atomic():
            _store(_rows(some, stored))
        stored += len(some)
        if time.monotonic() - shown > SECONDS_BETWEEN_LINES:
            shown = time.monotonic()
            print(f"  {4 * stored:,} of {data.results:,} results", flush=True)
    search_index.create_missing(database.obj)
    refresh_statistics(database.obj)


def add_runs() -> None:
    """Store runs of the newest sessions, which are those that the bench compares."""
    newest = Session.select(Session.id).order_by(Session.id.desc()).limit(NEWEST)
    tests = Test.select(Test.id, Test.finished_at).where(Test.session.in_(newest))
    rows = [_run(test, repetition) for test in tests for repetition in range(1, RUNS + 1)]
    with database.atomic():
        _store({Run: rows})


def _run(test: Test, repetition: int) -> Json:
    chance = random.Random(test.id * RUNS + repetition)  # noqa: S311 - made-up data
    metrics = {name: chance.gauss(100, 3) for name in ("tokensPerSecond", "decodeTokensPerSecond", "timeToFirstToken")}
    record = {"seed": "1", "software": None, "loaded": [], "window": [0, 1], "own": [], "requests": [], "phases": []}
    unknown: Json = {"clockError": None, "observed": {}, "peaks": {}, "usage": {}, "verdicts": [], "rejected": []}
    return {
        "test_id": test.id,
        "conditions": "{}",
        "repetition": repetition,
        "at": test.finished_at,
        "metrics": _json(metrics),
        "record": _json({**record, **unknown}),
    }


def _hardware(machine: Machine) -> Json:
    return {**vars(machine), "inventory": _json(machine.inventory)}


def _rows(some: Sequence[SessionRow], before: int) -> Rows:
    """Return the rows of some sessions by their table. `before` is the number of sessions that are stored."""
    tests = [test for number, session in enumerate(some, before) for test in _tests(session, number)]
    metrics = [_result_columns(stored) for session in some for stored in session.metrics]
    return {
        Session: [_session(session) for session in some],
        SessionText: [{"id": before + n, "session_id": one.id, "text": one.text} for n, one in enumerate(some, 1)],
        SessionTag: [{"session_id": one.id, "tag": tag} for one in some for tag in one.tags],
        Test: tests,
        Result: [{"test_id": test["id"], **own} for test, own in zip(tests, metrics, strict=True)],
    }


@cache
def _result_columns(metrics: str) -> Json:
    found = spread(orjson.loads(metrics))
    return {name: value if name == "grade" else _json(value) for name, value in found.items()}


def _session(row: SessionRow) -> Json:
    models = [
        {"name": name, "version": "0" * 12, "digest": "0" * 64, "size": 7 << 30, "tags": []} for name in row.models
    ]
    return {
        "id": row.id,
        "name": row.name,
        "host": row.host,
        "machine": row.host,
        "order": "sequential",
        "status": Status.COMPLETED,
        "phase": Phase.FINISHED,
        "failed_claims": 0,
        "request_digest": "0" * 64,
        "models": _json(models),
        "test_types": _json(row.test_types),
        "tags": _json(row.tags),
        "hardware_id": row.machine.digest,
        "ollama_version": "0.9.3",
        "created_at": row.at,
        "started_at": row.at,
        "finished_at": row.at + 4 * DURATION,
    }


def _tests(row: SessionRow, number: int) -> Iterator[Json]:
    cells = [(model, test_type) for model in row.models for test_type in row.test_types]
    for position, (model, test_type) in enumerate(cells):
        ended: datetime = row.at + (position + 1) * DURATION
        yield {
            "id": len(cells) * number + position + 1,
            "session_id": row.id,
            "position": position,
            "model": model,
            "test_type": test_type,
            "options": _json(OPTIONS),
            "host": row.host,
            "status": Status.COMPLETED,
            "phase": Phase.FINISHED,
            "inventory": row.machine.digest,
            "started_at": ended - DURATION,
            "finished_at": ended,
        }


def _json(value: Any) -> str:  # noqa: ANN401 - any JSON
    return orjson.dumps(value).decode()


def _store(rows: Rows) -> None:
    for table, some in rows.items():
        (_insert if isinstance(database.obj, SqliteDatabase) else _copy)(table._meta.table_name, some)  # noqa: SLF001 - peewee's


def _insert(table: str, rows: Sequence[Json]) -> None:
    names = ", ".join(f'"{name}"' for name in rows[0])
    places = ", ".join("?" * len(rows[0]))
    values = ([str(value) if isinstance(value, datetime) else value for value in row.values()] for row in rows)
    database.cursor().executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', values)  # noqa: S608 - our names


def _copy(table: str, rows: Sequence[Json]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with database.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))
