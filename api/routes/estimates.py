"""`POST /estimates`: the expected duration of a session, and a check of its options, before it is submitted."""

from typing import Any

from api.openapi.resource import Resource
from api.schemas.estimates import Estimates
from api.schemas.sessions import NewSession
from api.submission.test_options import resolve_options
from common.catalogue.test_types import TEST_TYPES
from common.environment.hosts import ALL_HOSTS, ANY_HOST
from common.store.estimate import estimate

resource = Resource("estimates", __name__, description="Estimated duration of a session.")


@resource.operation("POST", "/estimates", name="estimateSession", answer=(200, Estimates), body=NewSession)
def estimates(body: dict[str, Any]) -> dict[str, Any]:
    """Estimate the duration of a session from earlier tests.

    The body is the one that the session would be submitted with. This asks no Ollama and stores nothing.
    """
    options = resolve_options(body["test_types"], body["options"])
    host = None if body["host"] in (ANY_HOST, ALL_HOSTS) else body["host"]
    found = estimate(body["models"], {TEST_TYPES[name]: given for name, given in options.items()}, host)
    return {
        "low": found.low,
        "high": found.high,
        "tests": len(body["models"]) * len(options),
        "rough": [test._asdict() for test in found.rough],
        "never_measured": [test._asdict() for test in found.unknown],
    }
