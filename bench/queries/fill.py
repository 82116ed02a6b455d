"""Fill an empty database of this release with the sessions of a data set, in bulk."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import orjson

from bench.queries.bulk import Results, Rows, bulk, store
from bench.queries.dataset import Dataset, Machine, SessionRow
from common.catalogue.verdicts.verdict_type import Grade
from common.records.medians import columns_of
from common.records.test_metrics import TestMetrics, spread
from common.store.database import database
from common.store.search_tables import Medians, SessionTag, SessionText
from common.store.tables import Hardware, Phase, Session, Status, Test
from common.values.free_json import Json

SESSIONS_AT_ONCE = 500
SECONDS_BETWEEN_LINES = 10
OPTIONS = {"minRepetitions": 5, "maxRepetitions": 10, "promptTokens": 128, "outputTokens": 64, "contextLength": 4096}
DURATION = timedelta(minutes=1)


def fill(data: Dataset) -> None:
    """Store the data set, showing how far it is. The database is bound to the tables and has no sessions."""
    with bulk():
        store({Hardware: [_hardware(machine) for machine in data.machines().values()]})
        _fill(data)


def _fill(data: Dataset) -> None:
    results = Results([_result_columns(metrics) for metrics in data.metrics])
    medians = [_medians_columns(metrics) for metrics in data.metrics]
    sessions, stored, shown = data.sessions(), 0, time.monotonic()
    while some := list(islice(sessions, SESSIONS_AT_ONCE)):
        rows = _rows(some, stored)
        with database.atomic():
            store(rows)
            tests, numbers = [test["id"] for test in rows[Test]], [number for one in some for number in one.metrics]
            results.store(tests, numbers)
            store({Medians: [{"test_id": test, **medians[n]} for test, n in zip(tests, numbers, strict=True)]})
        stored += len(some)
        if time.monotonic() - shown > SECONDS_BETWEEN_LINES:
            shown = time.monotonic()
            print(f"  {4 * stored:,} of {data.results:,} results", flush=True)


def _hardware(machine: Machine) -> Json:
    return {**vars(machine), "inventory": _json(machine.inventory)}


def _rows(some: Sequence[SessionRow], before: int) -> Rows:
    """Return the rows of some sessions by their table. `before` is the number of sessions that are stored."""
    tests = [test for number, session in enumerate(some, before) for test in _tests(session, number)]
    return {
        Session: [_session(session) for session in some],
        SessionText: [{"id": before + n, "session_id": one.id, "text": one.text} for n, one in enumerate(some, 1)],
        SessionTag: [{"session_id": one.id, "tag": tag} for one in some for tag in one.tags],
        Test: tests,
    }


def _result_columns(metrics: str) -> Json:
    found = spread(orjson.loads(metrics))
    return {name: value if name == "grade" else _json(value) for name, value in found.items()}


def _medians_columns(metrics: str) -> Json:
    found = columns_of(TestMetrics.parse(orjson.loads(metrics)))
    return {"options": _json(OPTIONS), **{name: _json(value) for name, value in found.items()}}


def _session(row: SessionRow) -> Json:
    models = [
        {"name": name, "version": "0" * 12, "digest": "0" * 64, "size": 7 << 30, "tags": []} for name in row.models
    ]
    return {
        "id": row.id,
        "group": row.group,
        "schedule": row.schedule,
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
        "unevaluated": False,
        "created_at": row.at,
        "started_at": row.at,
        "finished_at": row.at + 4 * DURATION,
        "series": f"name:{row.name}",
        "grade": Grade.CLEAN.value,
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
