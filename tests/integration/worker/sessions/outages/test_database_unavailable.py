"""A real worker while PostgreSQL is read-only: it waits, and nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from common.store.database import database, open_database
from common.store.tables import Session, Status
from testbed.ollama_double import OllamaDouble
from testbed.servers.postgresql import PostgreSql
from testbed.servers.workers import Workers, workers
from testbed.waiting import until
from tests.integration.worker.sessions.outages.test_redis_unavailable import (
    REPETITIONS,
    SLOW,
    repetitions,
    start,
    submit,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def started(redis: Redis, redis_url: str, postgresql_url: str, tmp_path: Path) -> Iterator[Workers]:
    assert redis.ping()
    open_database(postgresql_url)
    with database.connection_context(), workers(redis_url, postgresql_url, tmp_path) as started:
        yield started


def test_a_worker_waits_until_the_database_can_be_written_to(
    started: Workers, redis: Redis, postgresql: PostgreSql, double: OllamaDouble
) -> None:
    double.timing = SLOW
    double.last = {"eval_duration": 150_000_000}
    worker = start(started, double)
    session = submit(redis)
    until(lambda: repetitions(session), "the first run")
    (own,) = database.execute_sql("SELECT pg_backend_pid()").fetchone()
    others = "FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
    with psycopg.connect(postgresql.uri, autocommit=True) as administrator:
        administrator.execute("ALTER ROLE postgres SET default_transaction_read_only = on")
        administrator.execute(f"SELECT pg_terminate_backend(pid) {others}".encode(), (database.database, own))
        until(lambda: "waiting for the database" in started.log.read_text(), "the worker to wait")
        administrator.execute("ALTER ROLE postgres RESET default_transaction_read_only")
    until(lambda: Session.get_by_id(session.id).status != Status.RUNNING, "the end of the session")
    assert Session.get_by_id(session.id).status == Status.COMPLETED
    assert repetitions(session) == list(range(1, REPETITIONS + 1))
    assert worker.poll() is None
    assert "Traceback" not in started.log.read_text()
