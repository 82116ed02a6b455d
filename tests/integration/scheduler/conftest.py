"""The duties of a scheduler on a real Redis and on databases of both kinds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from common.environment.notifications import Notifications
from common.environment.servers.addresses import OllamaHost
from common.environment.settings import Settings
from common.store.database import database, open_database
from scheduler.application import create_application
from tests.integration.common.store.conftest import tables
from tests.integration.scheduler.http_receiver import HttpReceiver, http_receiver
from tests.support.processes.killed_at_lines import disconnect

__all__ = ["tables"]

LOOPBACK = Notifications(networks=(ip_network("127.0.0.0/8"),), public_url="https://gait.example")
NewScheduler = Callable[..., Flask]


@pytest.fixture
def sqlite_tables(sqlite_url: str) -> Iterator[None]:
    """Bind the tables to an empty SQLite, where kinds of databases do not matter."""
    open_database(sqlite_url)
    with database.connection_context():
        yield


@pytest.fixture(params=["sqlite_url", "postgresql_url"], ids=["sqlite", "postgresql"])
def scheduler_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a database of each kind with empty tables."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture
def new_scheduler(redis: Redis, redis_url: str, sqlite_url: str) -> Iterator[NewScheduler]:
    """Return a function that makes a scheduler's application. Its arguments are settings of notifications."""
    assert redis.ping()

    def make(database_url: str = sqlite_url, **changed: Any) -> Flask:
        return create_application(
            Settings(
                host="127.0.0.1",
                port=8000,
                environment="development",
                redis_url=redis_url,
                database_url=database_url,
                ollama_hosts={name: OllamaHost("http://127.0.0.1:1", machine=name) for name in ("local", "other")},
                sampler_host="local",
                sample_hz=10.0,
                log_format="text",
                notifications=replace(LOOPBACK, **changed),
            )
        )

    yield make
    disconnect()


@pytest.fixture
def receiving() -> Iterator[HttpReceiver]:
    """Run a receiver of webhooks on this machine."""
    with http_receiver() as receiver:
        yield receiver
