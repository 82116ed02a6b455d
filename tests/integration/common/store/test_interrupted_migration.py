"""Migrations whose process is killed."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from playhouse.migrations import Runner

from common.store import schema
from common.store.database import database, initialise, open_database
from common.store.tables import Hardware, Session, Test
from tests.support import earlier_release

pytestmark = pytest.mark.slow

KILL = "os.kill(os.getpid(), 9)"
HALF_DONE = """
import os

def up(migrator, db):
    db.execute_sql("ALTER TABLE session ADD COLUMN half_done TEXT")
    db.execute_sql("DELETE FROM hardware")
    os.kill(os.getpid(), 9)
"""
MIGRATE = """
import sys
from pathlib import Path
from common.store import schema
from common.store.database import open_database
schema.MIGRATIONS = Path(sys.argv[2])
open_database(sys.argv[1])
"""


def test_a_process_that_is_killed_while_it_migrates_leaves_no_half_of_it(database_url: str, tmp_path: Path) -> None:
    open_database(database_url)
    with database.connection_context():
        Hardware.create(digest="d", fingerprint="f", inventory={}, text="")
    folder = shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    (folder / "9000_half_done.py").write_text(HALF_DONE)
    ended = subprocess.run([sys.executable, "-c", MIGRATE, database_url, str(folder)], timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    open_database(database_url)
    with database.connection_context():
        assert "half_done" not in [column.name for column in database.get_columns("session")]
        assert database.execute_sql("SELECT digest FROM hardware").fetchall() == [("d",)]


@pytest.mark.parametrize(
    ("line", "killed"),
    [
        ("    done = db.execute_sql(", f"    before < 2 and {KILL}"),
        ("            migrator.migrate(", f"            {KILL}"),
    ],
    ids=["in a batch", "before the column is dropped"],
)
def test_a_process_that_is_killed_while_it_moves_metrics_loses_none(
    database_url: str, tmp_path: Path, line: str, killed: str
) -> None:
    earlier_release.write("0007", database_url, tmp_path)
    initialise(database_url)
    with database.connection_context():
        Runner(database.obj, str(schema.MIGRATIONS)).up("0016_session_text")
        rows = database.execute_sql("SELECT id, metrics FROM test ORDER BY id").fetchall()
    folder = shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    moving = (folder / "0017_results.py").read_text().replace("BATCH = 500", "BATCH = 1")
    assert moving.count(line) == 1
    (folder / "0017_results.py").write_text(f"import os\n{moving}".replace(line, f"{killed}\n{line}"))
    ended = subprocess.run([sys.executable, "-c", MIGRATE, database_url, str(folder)], timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    open_database(database_url)
    with database.connection_context():
        tests = list(Test.select(Test, Session).join(Session).order_by(Test.id))
        expected = [(key, orjson.loads(found) if isinstance(found, str) else found) for key, found in rows]
        assert [(test.id, test.metrics) for test in tests] == expected
        assert all(
            (test.host, test.inventory) == (test.session.host, test.session.__data__["hardware"]) for test in tests
        )
