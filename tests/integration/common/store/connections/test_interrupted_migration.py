"""Migrations whose process is killed."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from playhouse.migrations import Runner

from common.catalogue.grades import grade
from common.records.medians import columns_of
from common.records.test_metrics import LARGE, TestMetrics
from common.store.connections import schema
from common.store.database import database, initialise, open_database
from common.store.fields import known
from common.store.search_tables import Medians
from common.store.tables import Hardware, Result, Session, Test
from common.values.free_json import Json
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
from common.store.connections import schema
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


MOVES = "0017_results", "0016_session_text", "SELECT id, metrics FROM test ORDER BY id"
MEDIANS = "0033_medians", "0032_day_totals", "SELECT 1, NULL"
SPREADS = "0019_result_columns", "0018_indexes", "SELECT test_id, metrics FROM result ORDER BY test_id"


@pytest.mark.parametrize(
    ("migration", "line", "killed"),
    [
        (MOVES, "    done = db.execute_sql(", f"    before < 2 and {KILL}"),
        (MOVES, "            migrator.migrate(", f"            {KILL}"),
        (SPREADS, "        db.execute_sql(_spread(", f"        start > 2 and {KILL}"),
        (SPREADS, "    (last,) = db.execute_sql(", f"    {KILL}"),
        (MEDIANS, "        with db.atomic():", f"        start > 2 and {KILL}"),
    ],
    ids=["in a batch", "before the column is dropped", "between two batches", "with empty columns", "medians"],
)
def test_a_process_that_is_killed_while_it_moves_metrics_loses_none(
    database_url: str, tmp_path: Path, migration: tuple[str, str, str], line: str, killed: str
) -> None:
    name, before, query = migration
    earlier_release.write("0007", database_url, tmp_path)
    initialise(database_url)
    with database.connection_context():
        Runner(database.obj, str(schema.MIGRATIONS)).up(before)
        rows = database.execute_sql(query).fetchall()
    folder = shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    moving = (folder / f"{name}.py").read_text().replace("BATCH = 500", "BATCH = 1")
    assert moving.count(line) == 1
    (folder / f"{name}.py").write_text(f"import os\n{moving}".replace(line, f"{killed}\n{line}"))
    ended = subprocess.run([sys.executable, "-c", MIGRATE, database_url, str(folder)], timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    open_database(database_url)
    with database.connection_context():
        tests = list(Test.select(Test, Session).join(Session).order_by(Test.id))
        expected = {key: orjson.loads(found) if isinstance(found, str) else found for key, found in rows if found}
        assert not expected or {test.id: test.metrics for test in tests if test.metrics is not None} == expected
        found = {row.test_id: (row.options, row.headline, row.software, row.medians) for row in Medians.select()}
        assert found == {test.id: _medians(test) for test in tests if test.metrics is not None}
        results = list(Result.select())
        assert all(set(result.metrics).isdisjoint(LARGE) for result in results)
        assert [result.grade for result in results] == [
            grade(known(result.details).get("verdicts")) for result in results
        ]
        assert all(
            (test.host, test.inventory) == (test.session.host, test.session.__data__["hardware"]) for test in tests
        )


def _medians(test: Test) -> tuple[Json, Json, Json | None, Json]:
    """Return what `Medians` stores of a test, as JSON."""
    columns = orjson.loads(orjson.dumps(columns_of(TestMetrics.parse(test.metrics or {}))))
    return test.options, columns["headline"], columns["software"], columns["medians"]
