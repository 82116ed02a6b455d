"""A schedule whose clock the test passes in, on both databases."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.submission.schedules.firing import correct_times, fire_next
from common.store import schedules
from common.store.database import database
from common.store.schedules import Schedule
from common.store.tables import Session
from tests.integration.api.conftest import NewApp, body

SESSION = {"models": ["tiny"], "testTypes": ["decode"], "tags": ["nightly"]}
BODY = {"name": "nightly", "cron": "30 2 * * *", "timeZone": "Europe/Berlin", "session": SESSION}
DUE = datetime(2026, 3, 2, 1, 30)  # noqa: DTZ001 - naive, as in the database
"""02:30 in Berlin."""


class Night:
    """A schedule that is due at DUE, and an application in which it fires."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        answer = self.client.post("/api/v1/schedules", json=BODY)
        assert answer.status_code == 201, answer.text
        self.id = body(answer)["id"]
        schedules.change(self.id, {"next_at": DUE})

    def fire(self, now: datetime) -> None:
        with self.app.app_context():
            while fire_next(now):
                pass

    def correct(self, now: datetime) -> None:
        with self.app.app_context():
            correct_times(now)

    @property
    def stored(self) -> Schedule:
        found = schedules.schedule(self.id)
        assert found is not None
        return found

    @property
    def sessions(self) -> list[Session]:
        return list(Session.select().where(Session.schedule == self.id).order_by(Session.id))


@pytest.fixture
def night(app: Flask) -> Night:
    return Night(app)


@pytest.fixture(params=["sqlite", "postgresql"])
def night_on_each_database(request: pytest.FixtureRequest, new_app: NewApp) -> Iterator[Night]:
    url: str = request.getfixturevalue(f"{request.param}_url")
    yield Night(new_app(database_url=url))
    database.close_all()


Post = Callable[..., Any]


@pytest.fixture
def post(client: FlaskClient) -> Post:
    return lambda **changed: client.post("/api/v1/schedules", json=BODY | changed)
