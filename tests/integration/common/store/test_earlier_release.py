"""A database of an earlier release is migrated whole, on SQLite and on PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from playhouse.migrations import Runner

from common.catalogue.test_type import Point
from common.store.connections.schema import MIGRATIONS
from common.store.database import database, open_database
from common.store.reads import runs
from common.store.tables import ReadingChunk, Result, Run, Session, Status, Test
from tests.support import earlier_release

pytestmark = pytest.mark.slow

UNFINISHED: dict[str, list[tuple[Point, int]]] = {
    "embedding": [
        ({"inputTokens": 64, "batchSize": 1}, 1),
        ({"inputTokens": 64, "batchSize": 1}, 2),
        ({"inputTokens": 64, "batchSize": 2}, 1),
        ({"inputTokens": 64, "batchSize": 2}, 2),
        ({"inputTokens": 32, "batchSize": 1}, 1),
    ],
    "offload-sweep": [({"offloadPercent": 75}, 1), ({"offloadPercent": 75}, 2), ({"offloadPercent": 50}, 1)],
    "prefill": [({"promptTokens": 128}, 1), ({"promptTokens": 128}, 2), ({"promptTokens": 64}, 1)],
}
"""The runs of the tests that were stopped. The GPU held 75 % of the sweep's model, and the context no 4096 tokens."""


@pytest.fixture
def earlier(database_url: str, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Yield the database as it was, on SQLite. Its copy at `database_url` is migrated and bound to the tables."""
    as_it_was = tmp_path / "earlier.db"
    if database_url.startswith("sqlite"):
        earlier_release.write_sqlite(Path(database_url.removeprefix("sqlite:///")))
        earlier_release.write_sqlite(as_it_was)
    else:
        earlier_release.write_postgresql(database_url, as_it_was)
    open_database(database_url)
    source = sqlite3.connect(as_it_was)
    with database.connection_context():
        yield source
    source.close()


def test_each_run_keeps_its_metrics_and_its_record(earlier: sqlite3.Connection) -> None:
    before = earlier.execute("SELECT id, test_id, repetition, figures, record FROM run ORDER BY id")
    found = Run.select().order_by(Run.id)
    assert [(run.id, run.test_id, run.repetition, run.metrics, run.record) for run in found] == [
        (*key, orjson.loads(figures), {**orjson.loads(record), "software": None}) for *key, figures, record in before
    ]


def runs_of(**wanted: object) -> list[Run]:
    """Return the runs of the tests or sessions that have these values."""
    conditions = [(Session.name if name == "session" else getattr(Test, name)) == of for name, of in wanted.items()]
    return list(Run.select(Run, Test).join(Test).join(Session).where(*conditions).order_by(Run.id))


def measured(run: Run) -> tuple[Point, int]:
    return run.conditions, run.repetition


@pytest.mark.usefixtures("earlier")
def test_each_run_of_a_completed_test_has_the_conditions_that_were_guessed_before() -> None:
    for name, rows in earlier_release.answers()["runs"].items():
        expected = [tuple(row) for row in rows if row[3] is not None]
        points = runs.points(Session.get(Session.name == name).id)
        assert expected == [
            (run.test.model, run.test.test_type, points[run.test_id].index(run.conditions), *measured(run))
            for run in runs_of(session=name, status=Status.COMPLETED)
        ]


@pytest.mark.usefixtures("earlier")
def test_each_run_of_an_unfinished_test_has_the_conditions_that_its_worker_chose() -> None:
    for test_type, expected in UNFINISHED.items():
        assert [measured(run) for run in runs_of(test_type=test_type, status=Status.RUNNING)] == expected


def test_tables_and_columns_with_new_names_keep_their_rows(earlier: sqlite3.Connection) -> None:
    chunks = [(chunk.id, bytes(chunk.data)) for chunk in ReadingChunk.select().order_by(ReadingChunk.id)]
    assert chunks == earlier.execute("SELECT id, data FROM stretch ORDER BY id").fetchall()
    claims = [(session.id, session.failed_claims) for session in Session.select().order_by(Session.id)]
    assert claims == earlier.execute("SELECT id, fruitless_claims FROM session ORDER BY id").fetchall()
    added = ReadingChunk.create(session=claims[0][0], start=1, end=2, data=b"")
    assert added.id == len(chunks) + 1


def test_a_number_without_a_known_point_stays_apart(tmp_path: Path) -> None:
    path = tmp_path / "gait.db"
    earlier_release.write_sqlite(path)
    with sqlite3.connect(path) as connection:
        decode = connection.execute("SELECT id FROM test WHERE test_type = 'decode'").fetchone()[0]
        connection.execute("UPDATE run SET point = 7 WHERE test_id = ? AND repetition = 2", (decode,))
    connection.close()
    open_database(f"sqlite:///{path}")
    with database.connection_context():
        found = [run.conditions for run in Run.select().where(Run.test == decode).order_by(Run.id)]
    assert found == [{}, {"point": 7}]


@pytest.mark.parametrize(
    ("table", "column", "warning"),
    [
        ("run", "record", "row 1 of table run has an unknown shape and stays as it is"),
        ("test", "metrics", "row 1 of table test has an unknown shape and stays as it is"),
        ("hardware", "inventory", "the inventory of machine 4f3ef3584307 has an unknown shape and stays as it is"),
    ],
)
def test_a_row_of_an_unknown_shape_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, table: str, column: str, warning: str
) -> None:
    path = tmp_path / "gait.db"
    earlier_release.write_sqlite(path, "0001")
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {table} SET {column} = '[1]' WHERE rowid = 1")  # noqa: S608 - names of ours
    connection.close()
    open_database(f"sqlite:///{path}")
    assert warning in caplog.text
    with database.connection_context():
        now = {"test": "result"}.get(table, table)
        assert ("[1]",) in database.execute_sql(f"SELECT {column} FROM {now}").fetchall()  # noqa: S608 - as above
        assert Run.select().count() == 40


def test_the_migrations_can_be_undone(earlier: sqlite3.Connection) -> None:
    metrics = {result.test_id: result.whole for result in Result.select()}
    Runner(database.obj, str(MIGRATIONS)).down("0008_conditions")
    columns = "id, test_id, point, repetition"
    before = earlier.execute(f"SELECT {columns} FROM run ORDER BY id").fetchall()  # noqa: S608 - names of ours
    assert database.execute_sql(f"SELECT {columns} FROM run ORDER BY id").fetchall() == before  # noqa: S608 - as above
    stored = database.execute_sql("SELECT id, metrics FROM test WHERE metrics IS NOT NULL").fetchall()
    assert {key: orjson.loads(found) if isinstance(found, str) else found for key, found in stored} == metrics
