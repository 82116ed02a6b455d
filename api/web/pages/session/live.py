"""The state of a waiting or running session when its page is rendered. Scripts keep it current afterwards."""

from api.submission.queue_status import queue_status
from api.web.pages.layout import resource
from api.web.pages.presentation.formatting import capitalize_first, text
from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES
from common.stats.distribution import Distribution
from common.store.reads import sessions
from common.store.tables import Phase, Session, Status, Test
from common.values.free_json import Json

RUN_METRICS = ("tokensPerSecond", "timeToFirstToken", "promptTokensPerSecond", "inferenceTime")


@resource.app_template_global()
def waiting(session: Session) -> str:
    """Return a sentence that says what a waiting session waits for."""
    return f"{capitalize_first(queue_status([session])).removesuffix('.')}."


@resource.app_template_global()
def headlines(session: Session) -> dict[str, Json]:
    """Return the headline metric of each test type of the session: {name, label, unit, better}."""
    return {name: _described(TEST_TYPES[name].headline) for name in session.test_types if name in TEST_TYPES}


@resource.app_template_global()
def statistics_of(session: Session) -> dict[int, Distribution]:
    """Return the distributions of the headline metrics of the session's completed tests, by their ids."""
    return sessions.headlines(test.id for test in session.tests)


@resource.app_template_global()
def run_metrics() -> list[Json]:
    """Return the metrics that are shown of the last run, besides the headline metric."""
    return [_described(name) for name in RUN_METRICS]


def _described(name: str) -> Json:
    metric = METRICS[name]
    return {"name": name, "label": metric.label, "unit": metric.unit, "better": metric.better}


@resource.app_template_global()
def tests_by_model(session: Session) -> dict[str, list[Test]]:
    """Return the session's tests by model, in order."""
    found: dict[str, list[Test]] = {model["name"]: [] for model in session.models}
    for test in session.tests:
        found.setdefault(test.model, []).append(test)
    return found


@resource.app_template_global()
def ended(session: Session) -> int:
    """Return the number of the session's tests that have ended."""
    return sum(test.status != Status.RUNNING for test in session.tests)


@resource.app_template_global()
def failures(session: Session) -> int:
    """Return the number of the session's tests that have failed, and were not cancelled."""
    return sum(test.status == Status.ERROR and test.phase != Phase.CANCELLED for test in session.tests)


@resource.app_template_global()
def measured(session: Session) -> int:
    """Return the number of the session's tests that have completed."""
    return sum(test.status == Status.COMPLETED for test in session.tests)


@resource.app_template_global()
def took(session: Session) -> str:
    """Return how long the session was measured; empty if it has not ended, or took less than a second."""
    if session.started_at is None or session.finished_at is None:
        return ""
    seconds = round((session.finished_at - session.started_at).total_seconds())
    return text(1000.0 * seconds, "ms") if seconds else ""
