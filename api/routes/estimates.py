"""`POST /estimates`: how long a session would take, and whether its options are right, before it is submitted."""

from typing import Any

from api.http.openapi import Resource
from api.schemas.estimates import Estimates
from api.schemas.sessions import NewSession
from api.submission.submit import catalogue, resolved
from common.config import ALL_HOSTS, ANY_HOST
from common.store.estimate import estimate

resource = Resource("estimates", __name__, description="What a session would take.")


@resource.operation("POST", "/estimates", answer=(200, Estimates), body=NewSession)
def estimates(body: dict[str, Any]) -> dict[str, Any]:
    """How long the session of this body would take, by the tests of before. It asks no Ollama and stores nothing."""
    types = catalogue()
    options = resolved(body["test_types"], body["options"], types)
    host = None if body["host"] in (ANY_HOST, ALL_HOSTS) else body["host"]
    found = estimate(body["models"], {types[name]: given for name, given in options.items()}, host)
    return {
        "low": found.low,
        "high": found.high,
        "tests": len(body["models"]) * len(options),
        "rough": [cell._asdict() for cell in found.rough],
        "never_measured": [cell._asdict() for cell in found.unknown],
    }
