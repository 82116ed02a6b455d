"""`/healthz`: this process answers. `/readyz`: so do Redis and the database."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from marshmallow import fields

from api import app_state
from api.http.errors import DATABASE_AWAY, REDIS_AWAY, refuse
from api.http.openapi import Resource
from api.schemas import Answer
from common.store.database import database

resource = Resource("health", __name__, description="Whether the API can do its work.")


class Health(Answer):
    status = fields.String(metadata={"example": "ok"})


@resource.operation("GET", "/healthz", answer=(200, Health), public=True)
def healthz() -> dict[str, Any]:
    """This process answers."""
    return {"status": "ok"}


@resource.operation("GET", "/readyz", answer=(200, Health), public=True, failures=(HTTPStatus.SERVICE_UNAVAILABLE,))
def readyz() -> dict[str, Any]:
    """Redis and the database answer too; 503 says which does not."""
    away = {name: "does not answer" for name, answers in CHECKS.items() if not answers()}
    if away:
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"not ready: {' and '.join(away)} away", away)
    return {"status": "ok"}


def _redis_answers() -> bool:
    try:
        return bool(app_state.redis().ping())
    except REDIS_AWAY:
        return False


def _database_answers() -> bool:
    try:
        database.execute_sql("SELECT 1")
    except DATABASE_AWAY:
        return False
    return True


CHECKS: dict[str, Callable[[], bool]] = {"redis": _redis_answers, "database": _database_answers}
