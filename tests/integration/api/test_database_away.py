"""A restart of PostgreSQL: 503 while it is unavailable, and no dead connections in the pool afterwards."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from testbed.postgresql import PostgreSql, postgresql_server
from tests.integration.api.conftest import NewApp, body
from tests.integration.api.submission.killed import disconnect

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


def test_requests_get_503_while_it_is_unavailable(client: FlaskClient, server: PostgreSql) -> None:
    with server.away():
        for _ in range(3):
            answer = client.get(PATH)
            assert answer.status_code == 503
            assert body(answer)["message"] == "The database does not respond. Try again later."
        assert client.get("/readyz").status_code == 503
    assert client.get(PATH).status_code == 200
    assert client.get("/readyz").status_code == 200
