"""`/healthz`: whether this process responds. `/readyz`: whether Redis and the database can be used too.

If all connections to the database are in use, nothing is known about the database, so the problem is that of the pool.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from marshmallow import fields

from api.http.redis import redis
from api.http.responses.errors import refuse
from api.openapi.resource import Resource
from api.schemas import Answer
from common.errors import ConfigurationError, Unavailable
from common.messaging.redis import check_writable
from common.store.changes import writes
from common.store.connections.pool import PoolExhausted

resource = Resource("health", __name__, description="Health of the API.")


class Health(Answer):
    """The state of the API."""

    status = fields.String(metadata={"example": "ok"})


@resource.operation("GET", "/healthz", name="readHealth", answer=(200, Health), public=True)
def healthz() -> dict[str, Any]:
    """Return 200 if this process responds.

    It checks nothing else, so an orchestrator can restart the process when there is no answer.
    """
    return {"status": "ok"}


@resource.operation(
    "GET",
    "/readyz",
    name="readReadiness",
    answer=(200, Health),
    public=True,
    failures=(HTTPStatus.SERVICE_UNAVAILABLE,),
)
def readyz() -> dict[str, Any]:
    """Return 200 if Redis and the database can be written to.

    Otherwise the answer is 503, and `details` has the reason of each that cannot. Its name is `pool` if this
    process has no free connection to the database, which says nothing about the database itself.
    """
    problems = dict(found for name, check in CHECKS.items() if (found := _problem(name, check)) is not None)
    if problems:
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"Not ready. {' '.join(problems.values())}", problems)
    return {"status": "ok"}


def _problem(part: str, check: Callable[[], object]) -> tuple[str, str] | None:
    """Return the part that is to blame, and what is wrong with it. None if the check succeeds."""
    try:
        check()
    except PoolExhausted as error:
        return "pool", str(error)
    except (Unavailable, ConfigurationError) as error:
        return part, str(error)
    return None


CHECKS: dict[str, Callable[[], object]] = {
    "redis": lambda: check_writable(redis()),
    "database": writes.check_writable,
}
