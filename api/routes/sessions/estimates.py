"""`POST /estimates`: the expected duration of a session, and a check of its options, before it is submitted."""

from typing import Any

from api.http.settings import host_named
from api.openapi.resource import Resource
from api.schemas.sessions.estimates import Estimates
from api.schemas.sessions.submission import NewSession
from api.submission.test_options import resolve_options
from common.catalogue.effort import Effort
from common.catalogue.test_types import TEST_TYPES
from common.environment.servers.hosts import ALL_HOSTS, ANY_HOST
from common.store.earlier.estimate import Duration, estimate

resource = Resource("estimates", __name__, description="Estimated duration of a session.")


@resource.operation("POST", "/estimates", name="estimateSession", answer=(200, Estimates), body=NewSession)
def estimates(body: dict[str, Any]) -> dict[str, Any]:
    """Estimate the duration of a session from earlier tests.

    The body is the one that the session would be submitted with. This asks no Ollama and stores nothing.
    """
    by_effort = {effort: resolve_options(body["test_types"], body["options"], effort) for effort in Effort}
    host = None if body["host"] in (None, ANY_HOST, ALL_HOSTS) else host_named(body["host"])
    options = {
        TEST_TYPES[name]: {effort: options[name] for effort, options in by_effort.items()}
        for name in body["test_types"]
    }
    found = estimate(body["models"], options, host)
    tests = len(body["models"]) * len(options)
    repeat = body["repeat"] if len(found.unknown) < tests else None
    durations = {effort: _of_all(duration, repeat) for effort, duration in found.durations.items()}
    return {
        **durations[body["effort"]],
        "efforts": [{"effort": effort, **duration} for effort, duration in durations.items()],
        "tests": tests,
        "rough": [test._asdict() for test in found.rough],
        "never_measured": [test._asdict() for test in found.unknown],
    }


def _of_all(duration: Duration, repeat: int | None) -> dict[str, float | None]:
    """Return the duration of `repeat` sessions, which is unknown without a `repeat`."""
    return {"low": repeat and repeat * duration.low, "high": repeat and repeat * duration.high}
