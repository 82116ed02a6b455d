"""PostgreSQL restarted, away or read-only: 503 while it is unavailable, and no dead connections afterwards."""

from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import cast
from unittest.mock import patch

import psycopg
import pytest
from flask.testing import FlaskClient

from common.store.connections.availability import NO_RESPONSE, READ_ONLY
from common.store.connections.pool import Pool
from common.store.database import database
from testbed.servers.postgresql import PostgreSql, postgresql_server
from tests.integration.api.conftest import NewApp, body
from tests.support.formats.scrape import Figures
from tests.support.processes.killed_at_lines import disconnect

pytestmark = pytest.mark.slow
PATH = "/api/v1/test-sessions"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSql]:
    """Start a server for this module alone, because the tests stop it."""
    with postgresql_server() as server:
        yield server


@pytest.fixture
def client(server: PostgreSql, new_app: NewApp) -> Iterator[FlaskClient]:
    yield new_app(database_url=server.database()).test_client()
    disconnect()


@pytest.mark.parametrize("fault", [PostgreSql.kill, PostgreSql.restart])
def test_the_first_request_after_a_restart_succeeds(client: FlaskClient, server: PostgreSql, fault: object) -> None:
    assert client.get(PATH).status_code == 200
    assert callable(fault)
    fault(server)
    assert client.get(PATH).status_code == 200


def test_a_standby_is_read_and_not_written(client: FlaskClient, server: PostgreSql) -> None:
    with psycopg.connect(server.uri, autocommit=True) as administrator:
        administrator.execute("ALTER ROLE postgres SET default_transaction_read_only = on")
        database.obj.close_all()
        assert client.get(PATH).status_code == 200
        for answer in (client.post(PATH, json={"models": ["tiny"], "testTypes": ["decode"]}), client.get("/readyz")):
            assert answer.status_code == 503
            assert READ_ONLY in body(answer)["message"]
        administrator.execute("SET default_transaction_read_only = off")
        administrator.execute("ALTER ROLE postgres RESET default_transaction_read_only")
    database.obj.close_all()
    assert client.get("/readyz").status_code == 200


def test_requests_get_503_while_it_is_unavailable(client: FlaskClient, server: PostgreSql) -> None:
    with server.away():
        for _ in range(3):
            answer = client.get(PATH)
            assert answer.status_code == 503
            assert body(answer)["message"] == f"{NO_RESPONSE} Try again later."
            assert int(answer.headers["Retry-After"]) > 0
        assert body(client.get("/readyz"))["details"] == {"database": NO_RESPONSE}
    assert client.get(PATH).status_code == 200
    assert client.get("/readyz").status_code == 200


def test_an_exhausted_pool_is_not_called_a_database_that_is_away(client: FlaskClient) -> None:
    pool = cast("Pool", database.obj)
    with patch.object(type(pool), "wait_s", 0.01), patch.object(pool, "_free", BoundedSemaphore(1)):
        pool._free.acquire()
        ready = client.get("/readyz")
        figures = Figures(client.get("/metrics").text)
        pool._free.release()
    assert (ready.status_code, list(body(ready)["details"])) == (503, ["pool"])
    assert "connections of this process to the database are in use" in body(ready)["message"]
    assert figures.get("gait_up", part="database") is None
    assert figures.get("gait_database_connections", state="limit") == pool.limit
    assert client.get("/readyz").status_code == 200
