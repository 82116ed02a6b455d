"""Copies of databases in use, and what is restored from them, by `gait admin` and by the documented commands."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from cli.app import app
from common.environment.settings import forget
from common.store.backup import sqlite_copy
from common.store.backup.failures import BackupFailed
from common.store.backup.sqlite_copy import copy
from common.store.database import database, open_database
from common.store.reads import runs
from common.store.tables import Session, Test
from testbed import ROOT
from testbed.servers.postgresql import PostgreSql
from tests.support.stored.measured import decode, measured

OPERATING = (ROOT / "docs" / "operating.md").read_text()


def gait_admin(url: str, *arguments: object, **variables: str) -> Result:
    """Run `gait admin` in this process, with its own settings."""
    forget()
    try:
        return CliRunner().invoke(app, ["admin", *map(str, arguments)], env={"DATABASE_URL": url} | variables)
    finally:
        forget()


def documented(first: str) -> str:
    """Return the command of docs/operating.md that begins with these words."""
    return next(line for line in OPERATING.splitlines() if line.startswith(first))


def shell(line: str, folder: Path, **variables: str) -> None:
    subprocess.run(["/bin/sh", "-ec", line], cwd=folder, env=os.environ | variables, check=True)


def contents() -> list[object]:
    """Return what a session's page is made of."""
    with database.connection_context():
        (session,) = Session.select()
        (test,) = Test.select()
        whole = [(run.run.conditions, run.run.metrics, run.run.record) for run in runs.whole_runs([test])]
        return [session.id, session.status, session.hardware, session.models, test.metrics, whole]


def test_a_copy_of_sqlite_holds_the_log_and_restores_the_database(sqlite_url: str, tmp_path: Path) -> None:
    path, target = tmp_path / "gait.db", tmp_path / "copy of gait.db"
    path.chmod(0o640)
    open_database(sqlite_url)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:  # so that the log stays beside the file
        other.execute("SELECT * FROM session").fetchone()
        measured({"decode": decode(1.0, 2.0)})
        known = contents()
        other.execute("BEGIN IMMEDIATE")  # a writer in the middle of a transaction
        other.execute("DELETE FROM session")
        answer = gait_admin(sqlite_url, "backup", target)
        assert (answer.exit_code, answer.stderr) == (0, "")
        assert " ".join(answer.stdout.split()).startswith(f"{target}: 1 session, ")
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        other.execute("COMMIT")
        killed = {each.name: each.read_bytes() for each in tmp_path.glob("gait.db*")}
    assert killed["gait.db-wal"]
    for name, content in killed.items():
        (tmp_path / name).write_bytes(content)
    shell(documented("rm -f var/gait.db-wal").replace("var/", "").replace("copy.db", f"'{target}'"), tmp_path)
    open_database(sqlite_url)
    assert contents() == known


def test_a_copy_of_postgresql_restores_the_database(
    postgresql_url: str, postgresql: PostgreSql, tmp_path: Path
) -> None:
    open_database(postgresql_url)
    measured({"decode": decode(1.0, 2.0)})
    known = contents()
    empty = postgresql.database()
    path = f"{postgresql.programs}{os.pathsep}{os.environ['PATH']}"
    shell(documented("pg_dump"), tmp_path, DATABASE_URL=postgresql_url, PATH=path)
    shell(documented("pg_restore"), tmp_path, DATABASE_URL=empty, PATH=path)
    open_database(empty)
    assert contents() == known
    database.close()


class Lab(NamedTuple):
    """A database to copy, one to restore into, and what both commands need."""

    url: str
    other: str
    variables: dict[str, str]


@pytest.fixture(params=["sqlite", "postgresql"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Lab:
    if request.param == "sqlite":
        return Lab(request.getfixturevalue("sqlite_url"), f"sqlite:///{tmp_path}/other/gait.db", {})
    server: PostgreSql = request.getfixturevalue("postgresql")
    path = f"{server.programs}{os.pathsep}{os.environ['PATH']}"
    return Lab(request.getfixturevalue("postgresql_url"), server.database(), {"PATH": path})


def test_everything_is_restored_and_nothing_is_overwritten_unasked(lab: Lab, tmp_path: Path) -> None:
    def run(url: str, *arguments: object) -> tuple[int, str]:
        ended = gait_admin(url, *arguments, **lab.variables)
        return ended.exit_code, ended.output

    open_database(lab.url)
    measured({"decode": decode(1.0, 2.0)})
    known = contents()
    database.close()
    copied = tmp_path / "gait.copy"
    code, text = run(lab.url, "backup", copied, "--json")
    assert (code, json.loads(text)["sessions"]) == (0, 1), text
    assert run(lab.url, "backup", copied) == (1, f"{copied} exists, and is not overwritten. Choose another name.\n")
    assert run(lab.other, "restore", copied) == (0, "Restored: 1 session.\n")
    open_database(lab.other)
    assert contents() == known
    measured({"decode": decode(3.0, 4.0)})
    with database.connection_context():
        database.execute_sql("CREATE TABLE of_a_later_release (id INTEGER)")
        database.execute_sql("INSERT INTO session_tag (session_id, tag) SELECT id, 'later' FROM session")
        refused = run(lab.other, "restore", copied, "--force")
        assert refused[0] == 1
        assert "Stop the API, all workers and schedulers, and try again." in refused[1]
    database.close()
    code, text = run(lab.other, "restore", copied)
    assert (code, "and is not overwritten" in text) == (1, True)
    code, text = run(lab.other, "restore", copied, "--force")
    assert (code, text[:20]) == (0, "Restored: 1 session."), text
    open_database(lab.other)
    assert contents() == known
    assert "of_a_later_release" not in database.get_tables()
    database.close()


def test_a_copy_of_a_newer_release_is_refused(lab: Lab, tmp_path: Path) -> None:
    open_database(lab.url)
    with database.connection_context():
        database.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')")
    database.close()
    try:
        assert gait_admin(lab.url, "backup", tmp_path / "newer", **lab.variables).exit_code == 0
        refused = gait_admin(lab.other, "restore", tmp_path / "newer", "--force", **lab.variables)
        assert refused.exit_code == 2
        assert "written by a newer release: it has migration 9999_future" in refused.stderr
        assert not Path(lab.other.removeprefix("sqlite:///")).exists()
    finally:
        with database.connection_context():
            database.execute_sql("DELETE FROM schema_migration WHERE name = '9999_future'")
        database.close()


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("gait.db", "old.db", "old.db exists, and is not overwritten"),
        ("gait.db", "gait.db", "gait.db exists"),
        ("gait.db", "stale.db", "stale.db-wal exists"),
        ("gait.db", "nowhere/copy.db", "There is no folder .*nowhere. Create it"),
        ("gone.db", "copy.db", "There is no database at .*gone.db. Set DATABASE_URL"),
        ("old.db", "copy.db", "The database cannot be copied: file is not a database. Check DATABASE_URL"),
    ],
)
@pytest.mark.usefixtures("sqlite_url")
def test_what_cannot_be_copied_is_refused(tmp_path: Path, source: str, target: str, reason: str) -> None:
    (tmp_path / "old.db").write_text("an older copy, in the eyes of its owner")
    (tmp_path / "stale.db-wal").touch()
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(BackupFailed, match=reason):
        copy(tmp_path / source, tmp_path / target, lambda _: None)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let SIGINT interrupt. A worker of RQ that another test ran leaves its own handler."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("sqlite_url", "interruptible")
def test_an_interrupted_copy_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_copy, "STEPS", 1)
    shown: list[float] = []

    def show(share: float) -> None:
        shown.append(share)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        copy(tmp_path / "gait.db", tmp_path / "copy.db", show)
    assert shown
    assert 0 <= shown[0] <= 1
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("copy.db")]
