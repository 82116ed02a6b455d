"""Databases that this release refuses, and migrations that fail or have to wait."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock

from common.errors import ConfigurationError, GaitError, Unavailable
from common.store.connections import schema
from common.store.connections.availability import Sqlite
from common.store.database import database, initialise, open_database

pytestmark = pytest.mark.slow

HISTORY = "SELECT name FROM schema_migration ORDER BY name"
BROKEN = """
import os

def up(migrator, db):
    db.execute_sql("ALTER TABLE session ADD COLUMN half_done TEXT")
    db.execute_sql("DELETE FROM hardware")
    raise KeyError("point")
"""
NOBODY = 65534
MIGRATE = """
import logging, sys
from common.store.database import open_database
logging.basicConfig(level="INFO")
open_database(sys.argv[1])
"""


def execute(url: str, *statements: str) -> None:
    initialise(url)
    with database.connection_context():
        for statement in statements:
            database.execute_sql(statement)


def state(url: str) -> object:
    """Return what must not change: the bytes of a file, or the tables and migrations of PostgreSQL."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        found = {each.name: each.read_bytes() for each in path.parent.iterdir() if not each.name.endswith("-shm")}
        return {name: content for name, content in found.items() if content}
    initialise(url)
    with database.connection_context():
        tables = database.get_tables()
        known = schema.HISTORY in tables and "name" in [each.name for each in database.get_columns(schema.HISTORY)]
        return tables, database.execute_sql(HISTORY).fetchall() if known else None


@pytest.mark.parametrize(
    ("before", "statement", "reason"),
    [
        (
            "whole",
            "INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')",
            "a newer release",
        ),
        (
            "whole",
            "INSERT INTO schema_migration (name, applied) VALUES ('0007_other', '2026-01-01')",
            "another release",
        ),
        ("whole", "DELETE FROM schema_migration", r"no list of Gait's migrations \(schema_migration\)"),
        ("whole", "DROP TABLE run", "some of the database's tables are missing"),
        ("empty", "CREATE TABLE wp_posts (id INTEGER)", r"tables \(wp_posts\), but no list of Gait's migrations"),
        ("empty", "CREATE TABLE schema_migration (version INTEGER)", "belongs to another program, whose table"),
    ],
    ids=["newer", "unknown", "without its history", "in part", "of another program", "with another history"],
)
def test_a_database_of_others_is_refused_and_stays_as_it_is(
    database_url: str, before: str, statement: str, reason: str
) -> None:
    if before == "whole":
        open_database(database_url)
    execute(database_url, statement)
    known = state(database_url)
    with pytest.raises(ConfigurationError, match=reason):
        open_database(database_url)
    assert state(database_url) == known


def test_a_worker_says_that_the_database_is_newer(sqlite_url: str) -> None:
    execute(sqlite_url, "INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')")
    ended = subprocess.run(
        [sys.executable, "-m", "worker"],
        env=os.environ | {"DATABASE_URL": sqlite_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(
        "The worker does not start: the database was written by a newer release: it has mig"
    )


@pytest.mark.parametrize("content", [b"this is a text, not a database\n" * 99, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_file_that_is_not_a_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gait.db"
    path.write_bytes(content)
    with pytest.raises(Unavailable, match=r"cannot be opened: .*\. Check DATABASE_URL"):
        open_database(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_an_empty_list_of_migrations_is_a_new_database(database_url: str) -> None:
    key, time = ("SERIAL", "TIMESTAMP") if database_url.startswith("postgresql") else ("INTEGER", "DATETIME")
    columns = f"id {key} PRIMARY KEY, name VARCHAR(255), applied {time}"
    execute(database_url, f"CREATE TABLE schema_migration ({columns})")
    open_database(database_url)
    with database.connection_context():
        assert database.execute_sql(HISTORY).fetchall()


def test_a_migration_that_fails_is_undone(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    open_database(database_url)
    execute(database_url, "INSERT INTO hardware (digest, fingerprint, inventory, text) VALUES ('d', 'f', '{}', '')")
    folder = shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    (folder / "9000_broken.py").write_text(BROKEN)
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    with pytest.raises(Unavailable, match=r"9000_broken of the database failed: KeyError: 'point'\. It was undone"):
        open_database(database_url)
    assert "Traceback" in caplog.text
    with database.connection_context():
        assert "half_done" not in [column.name for column in database.get_columns("session")]
        assert database.execute_sql("SELECT digest FROM hardware").fetchall() == [("d",)]
    (folder / "9000_broken.py").write_text("def up(migrator, db): pass")
    open_database(database_url)


def test_a_database_in_memory_is_migrated_without_a_file_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opened = Sqlite(":memory:")
    with opened.connection_context():
        assert schema.migrate(opened)
    assert not list(tmp_path.iterdir())


def test_postgresql_that_is_read_only(migrated_postgresql: str) -> None:
    with pytest.raises(ConfigurationError, match="the database is read-only"):
        open_database(f"{migrated_postgresql}&options=-cdefault_transaction_read_only%3Don")


@contextmanager
def unprivileged() -> Iterator[Path]:
    """Yield a folder that others may read. Within the block, this process has no rights of root."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
    before = os.geteuid()
    try:
        yield folder
    finally:
        os.seteuid(before)
        shutil.rmtree(folder)


def test_an_sqlite_file_that_is_read_only(migrated: Path) -> None:
    with unprivileged() as folder:
        path = Path(shutil.copy(migrated, folder))
        path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
        with pytest.raises(GaitError, match=r"gait\.db or its folder is read-only"):
            open_database(f"sqlite:///{path}")


def test_a_process_waits_for_one_that_upgrades_the_database(database_url: str) -> None:
    """Check that it says so, and goes on afterwards."""
    with holding(database_url):
        command = [sys.executable, "-c", MIGRATE, database_url]
        waiting = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert waiting.stderr
        assert "another process upgrades the database" in waiting.stderr.readline()
    assert waiting.communicate(timeout=60)[1] is not None
    assert waiting.returncode == 0


@contextmanager
def holding(url: str) -> Iterator[None]:
    if url.startswith("sqlite"):
        with FileLock(f"{url.removeprefix('sqlite:///')}.migrating"):
            yield
        return
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (schema.LOCK,))
        yield
