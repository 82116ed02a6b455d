"""What a session's page says of it while it waits or runs, as the page is made; scripts keep it true afterwards."""

from typing import Any

from redis.exceptions import RedisError

from api.submission.submit import queue_status
from api.web.pages.layout import resource
from common.catalogue.metrics import METRICS
from common.store import sessions
from common.store.tables import Session, Status, Test

Json = dict[str, Any]


@resource.app_template_global()
def waits(session: Session) -> str:
    """A sentence on when a session that waits will run, as far as can be told."""
    try:
        told = queue_status([session])
    except RedisError:
        told = "waits; when it will run cannot be told: Redis does not answer"
    return f"{told[:1].upper()}{told[1:]}."


@resource.app_template_global()
def headlines(session: Session) -> dict[str, Json]:
    """By which metric each of the session's test types is read first: {name, label, unit, better}."""
    catalogue = sessions.catalogue()
    return {name: _described(catalogue[name].headline) for name in session.test_types if name in catalogue}


def _described(name: str) -> Json:
    metric = METRICS.get(name)
    if metric is None:
        return {"name": name, "label": name, "unit": "", "better": "neither"}
    return {"name": name, "label": metric.label, "unit": metric.unit, "better": metric.better}


@resource.app_template_global()
def tests_by_model(session: Session) -> dict[str, list[Test]]:
    """The session's tests, in order, by model."""
    found: dict[str, list[Test]] = {model["name"]: [] for model in session.models}
    for test in session.tests:
        found.setdefault(test.model, []).append(test)
    return found


@resource.app_template_global()
def ended(session: Session) -> int:
    """How many of the session's tests have ended."""
    return sum(test.status != Status.RUNNING for test in session.tests)


@resource.app_template_global()
def measured(session: Session) -> int:
    """How many of the session's tests have numbers."""
    return sum(test.status == Status.COMPLETED for test in session.tests)
