"""Hooks of schemathesis: valid requests name models and hosts that exist, so that the API really does them.

The document cannot know which models a host has, what a worker can test, or that a range begins before it ends.
Requests that the API should refuse stay as they are.
"""

import atexit
import json
import os
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase

from bench.fuzz.setup import HOSTS, MODELS, QUICK, TEST_TYPES
from common.catalogue.test_types import TEST_TYPES as CATALOGUE
from testbed import ROOT

ANSWERS = "GAIT_FUZZ_ANSWERS"
"""Environment variable that names the file for the number of answers by status."""
STEP = "GAIT_FUZZ_STEP"
"""Environment variable: of the cases at the bounds of the document, each of this number is sent."""
PLACES = (*HOSTS, "any", "all", None)
RANGES = (("dateRange[start]", "dateRange[end]"), ("from", "to"))
OF_A_SESSION = ("POST /api/v1/test-sessions", "POST /api/v1/estimates")
OF_A_SCHEDULE = ("POST /api/v1/schedules", "PATCH /api/v1/schedules/{scheduleId}")
OF_A_WEBHOOK = ("POST /api/v1/webhooks", "PATCH /api/v1/webhooks/{webhookId}")
PUBLIC = "https://lab.example/hook"
"""A URL that webhooks may lead to. The document cannot say which addresses they may not."""
CLOCK = {"cron": "30 2 * * *", "timeZone": "Europe/Berlin"}
IMPORT = "POST /api/v1/test-sessions/import"
EXAMPLE: dict[str, Any] = json.loads((ROOT / "api/openapi/examples/importSession.json").read_text())["request"]
METRIC = CATALOGUE[TEST_TYPES[0]].headline
COMPARISON = "GET /api/v1/comparisons"
REPEATED = ("tags", "metrics")
"""Parameters that are lists."""
LISTS = ("GET /api/v1/test-sessions", "GET /api/v1/test-results")

Case = schemathesis.Case[Any]
statuses: Counter[int] = Counter()
at_bounds = count()
step = int(os.environ.get(STEP, "1"))


@schemathesis.hook
def filter_case(_context: schemathesis.HookContext, case: Case) -> bool:
    """Leave out queries that look like valid ones in a URL.

    There, a list of one item is the item, and an empty list or object is an empty parameter, which is an absent one.
    Of the cases at the document's bounds, some are sent.
    """
    if case.meta and case.meta.phase.name == TestPhase.COVERAGE and next(at_bounds) % step:
        return False
    given = {name: value for name, value in (case.query or {}).items() if name not in REPEATED}
    return not any(isinstance(value, list | dict) and len(value) <= 1 for value in given.values())


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    if case.query:
        case.query = _with_known_names(case.operation.label, dict(case.query))
    if case.operation.label in OF_A_SESSION and isinstance(case.body, dict):
        case.body = _runnable(case.body)
    if case.operation.label in OF_A_SCHEDULE and isinstance(case.body, dict):
        session = case.body.get("session")
        known = {"session": _runnable(session)} if isinstance(session, dict) else {}
        case.body = {**case.body, **known, **{name: CLOCK[name] for name in CLOCK if case.body.get(name)}}
    if case.operation.label in OF_A_WEBHOOK and isinstance(case.body, dict) and "url" in case.body:
        case.body = {**case.body, "url": PUBLIC}
    if case.operation.label == IMPORT and isinstance(case.body, dict):
        case.body = {**EXAMPLE, "session": {**EXAMPLE["session"], "id": str(uuid4())}}


@schemathesis.hook
def after_call(_context: schemathesis.HookContext, _case: Case, response: Response) -> None:
    statuses[response.status_code] += 1


@atexit.register
def _write() -> None:
    if statuses and ANSWERS in os.environ:
        Path(os.environ[ANSWERS]).write_text(json.dumps(statuses))


def _with_known_names(operation: str, query: dict[str, Any]) -> dict[str, Any]:
    """Return a query for a known host and a valid range. Half of the queries for lists lose their filters."""
    for name, value in (("testType", TEST_TYPES[0]), ("metric", METRIC)):
        if name in query:
            query[name] = value
    if operation == COMPARISON:
        return {"baseline": EXAMPLE["session"]["id"]}
    if query.get("host") is not None:
        query["host"] = _one_of(HOSTS, query["host"])
    for start, end in RANGES:
        if start in query and end in query:
            query[start], query[end] = "2020-01-01", "2100-01-01T00:00:00+14:00"
    if operation in LISTS and len(str(query)) % 2:
        return {name: query[name] for name in ("limit", "metrics", "results") if name in query}
    return query


def _runnable(body: dict[str, Any]) -> dict[str, Any]:
    models, types = _some(MODELS, body.get("models")), _some(TEST_TYPES, body.get("testTypes"))
    known = {"models": models, "testTypes": types, "options": dict.fromkeys(types, QUICK)}
    return body | known | ({"host": _one_of(PLACES, body["host"])} if "host" in body else {})


def _some(known: tuple[str, ...], given: object) -> list[str]:
    return list(known[: max(1, len(given))]) if isinstance(given, list) else list(known[:1])


def _one_of(known: tuple[Any, ...], given: object) -> Any:  # noqa: ANN401 - of any type
    """Choose by the given value, so that the same request can be repeated."""
    return known[len(str(given)) % len(known)]
