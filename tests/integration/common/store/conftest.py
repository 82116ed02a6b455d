from collections.abc import Iterator
from pathlib import Path

import pytest

from common.store.database import database, open_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gait.db'}"
    url: str = request.getfixturevalue("postgresql").database()
    return url


@pytest.fixture(params=["sqlite_url", "postgresql_url"], ids=["sqlite", "postgresql"])
def tables(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the empty tables of common.store.tables in a database of each kind, bound to it; its URL."""
    url: str = request.getfixturevalue(request.param)
    open_database(url)
    with database.connection_context():
        yield url
