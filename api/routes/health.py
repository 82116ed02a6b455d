"""`/healthz`: whether this process responds. `/readyz`: whether Redis and the database respond too."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from marshmallow import fields

from api import app_state
from api.http.errors import DATABASE_UNAVAILABLE, REDIS_UNAVAILABLE, refuse
from api.http.openapi import Resource
from api.schemas import Answer
from common.store.database import database

resource = Resource("health", __name__, description="Health of the API.")


class Health(Answer):
    status = fields.String(metadata={"example": "ok"})


@resource.operation("GET", "/healthz", answer=(200, Health), public=True)
def healthz() -> dict[str, Any]:
    """Return 200 if this process responds."""
    return {"status": "ok"}


@resource.operation("GET", "/readyz", answer=(200, Health), public=True, failures=(HTTPStatus.SERVICE_UNAVAILABLE,))
def readyz() -> dict[str, Any]:
    """Return 200 if Redis and the database respond too, else 503 with those that do not."""
    unavailable = {name: "does not respond" for name, responds in CHECKS.items() if not responds()}
    if unavailable:
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"Not ready: no response from {' and '.join(unavailable)}.", unavailable)
    return {"status": "ok"}


def _redis_responds() -> bool:
    try:
        return bool(app_state.redis().ping())
    except REDIS_UNAVAILABLE:
        return False


def _database_responds() -> bool:
    try:
        database.execute_sql("SELECT 1")
    except DATABASE_UNAVAILABLE:
        return False
    return True


CHECKS: dict[str, Callable[[], bool]] = {"redis": _redis_responds, "database": _database_responds}
