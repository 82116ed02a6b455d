"""Sessions as JSON: in a list, and whole."""

from collections.abc import Mapping

from api.routes.conclusions.results import finished
from api.routes.sessions.session_machines import Machines
from api.submission.queue_status import queue_status
from common.records.answers import answer
from common.records.test_metrics import TestMetrics
from common.store.fields import UNREADABLE
from common.store.reads.lists.headlines import CompletedTest
from common.store.tables import Phase, Session, Test
from common.values.free_json import Json
from common.values.units import iso


def whole(session: Session) -> Json:
    """Return all that is known of a session but its runs and readings."""
    waiting = queue_status([session]) if session.phase == Phase.QUEUED else session.message
    return {
        **_overview(session, Machines()),
        "message": waiting,
        "ollama_version": session.ollama_version,
        "models": _models(session),
    }


def _overview(session: Session, machines: Machines) -> Json:
    return {
        "id": session.id,
        "name": session.name,
        "date": iso(session.created_at),
        "host": session.host,
        "group": session.group,
        "schedule": session.schedule,
        "series": session.series,
        "grade": session.grade,
        "status": session.status,
        "phase": session.phase,
        "message": session.message,
        "order": session.order,
        "effort": session.effort,
        "tags": list(session.tags),
        "pinned": session.pinned,
        "note": session.note,
        "pruned_at": iso(session.pruned_at),
        "imported_at": iso(session.imported_at),
        "hardware": machines.of(session),
    }


def mark(session: Session) -> Json:
    """Return what is known of a session whose record cannot be read."""
    session.tags, session.hardware = [], None
    return {**_overview(session, Machines()), "message": UNREADABLE, "models": [], "test_types": []}


def summary(session: Session, completed: Mapping[str, list[CompletedTest]], machines: Machines) -> Json:
    """Return a session as an entry of a list, with its completed tests if there are any."""
    results = [finished(test, test.metrics, test.grade) for test in completed.get(session.id, ())]
    return {
        **_overview(session, machines),
        "models": [model["name"] for model in session.models],
        "test_types": list(session.test_types),
        **({"results": results} if results else {}),
    }


def _models(session: Session) -> list[Json]:
    return [
        {
            "name": model["name"],
            "version": model["version"],
            "tests": [_test(test) for test in session.tests if test.model == model["name"]],
        }
        for model in session.models
    ]


def _test(test: Test) -> Json:
    return {
        "type": test.test_type,
        "status": test.status,
        "phase": test.phase,
        "message": test.message,
        "options": test.options,
        "metrics": test.metrics,
        "answer": _answer(test),
        "grade": test.grade,
        "verdicts": (test.metrics.get("verdicts") if test.metrics else test.verdicts) or [],
        "logs": [f"{iso(line.at)} {line.text}" for line in test.log_lines],
    }


def _answer(test: Test) -> Json | None:
    if not test.metrics:
        return None
    found = answer(test.test_type, TestMetrics.parse(test.metrics))
    return {
        "metric": found.metric,
        "label": found.label,
        "value": found.value,
        "unit": found.unit,
        "better": found.better,
        "ci95": found.bounds,
        "at": found.at,
    }
