"""Copies of databases in use, and what is restored from them by the commands of docs/operating.md."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from common.backup import sqlite_copy
from common.backup.sqlite_copy import BackupFailed, copy
from common.store import runs
from common.store.database import database, open_database
from common.store.tables import Session, Test
from testbed import ROOT
from testbed.postgresql import PostgreSql
from tests.support.measured import decode, measured

OPERATING = (ROOT / "docs" / "operating.md").read_text()


def command(url: str, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "common.backup", str(target)],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


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
        answer = command(sqlite_url, target)
        assert (answer.returncode, answer.stderr) == (0, "")
        assert answer.stdout.startswith(f"{target}: 1 sessions, ")
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
    refused = command(postgresql_url, tmp_path / "copy.db")
    assert refused.returncode == 1
    assert documented("pg_dump") in refused.stderr.replace("FILE", "gait.dump")
    empty = postgresql.database()
    path = f"{postgresql.programs}{os.pathsep}{os.environ['PATH']}"
    shell(documented("pg_dump"), tmp_path, DATABASE_URL=postgresql_url, PATH=path)
    shell(documented("pg_restore"), tmp_path, DATABASE_URL=empty, PATH=path)
    open_database(empty)
    assert contents() == known
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
    """Let SIGINT interrupt, which a shell ignores for what it starts in the background."""
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
