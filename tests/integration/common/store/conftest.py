from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from common.store.database import database, open_database
from testbed.postgresql import PostgreSql


@pytest.fixture(scope="session")
def one_postgresql_url(postgresql: PostgreSql) -> str:
    return postgresql.database()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gait.db'}"
    url: str = request.getfixturevalue("one_postgresql_url")
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


@pytest.fixture
def tables(database_url: str) -> Iterator[str]:
    """The tables of common.store.tables, bound to a new database; its URL."""
    open_database(database_url)
    with database.connection_context():
        yield database_url
