"""Databases with and without tables."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.connections.schema import HISTORY
from common.store.database import PRAGMAS, database, open_database
from testbed.servers.postgresql import PostgreSql, postgresql_server


@pytest.fixture(scope="session", autouse=True)
def leave_writing_to_the_kernel() -> None:
    """Do not let SQLite wait for the disk in the tests' own process, because no test cuts the power."""
    PRAGMAS["synchronous"] = "off"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of an SQLite database with the tables. Copying it is faster than migrating an empty one."""
    path = tmp_path_factory.mktemp("migrated") / "gait.db"
    open_database(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated: Path, tmp_path: Path) -> str:
    """Return the URL of a new SQLite database with the tables, in `gait.db` of the test's folder."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path)}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    """Yield a real PostgreSQL. `postgresql.database()` returns the URL of a new database in it."""
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: PostgreSql) -> str:
    """Return the URL of a PostgreSQL database with the tables, which may hold rows of earlier tests."""
    url = postgresql.database()
    open_database(url)
    database.close()
    return url


@pytest.fixture
def postgresql_url(migrated_postgresql: str) -> str:
    """Return the URL of a PostgreSQL database with empty tables."""
    open_database(migrated_postgresql)
    with database.connection_context():
        names = [f'"{name}"' for name in database.get_tables() if name != HISTORY]
        database.execute_sql(f"TRUNCATE {', '.join(names)} RESTART IDENTITY")
    return migrated_postgresql
