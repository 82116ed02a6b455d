"""Move the metrics of tests, which take most of the space, into a table of their own, a batch at a time.

Each batch is a transaction: a process that is killed has moved some, and the next one continues. Between two batches
the space of what was moved is free for what follows, so the database hardly grows. PostgreSQL frees space from the end
of a table only, so the newest tests move first.
"""
import logging
import time

from peewee import *

BATCH = 500
TESTS_BETWEEN_VACUUMS = 50_000
SECONDS_BETWEEN_LINES = 5

atomic = False
logger = logging.getLogger(__name__)


def up(migrator, db):
    columns = {column.name for column in db.get_columns("test")}
    _make_room(db, columns)
    if "metrics" in columns:
        _move(db)
        _vacuum(db)
        with db.atomic():
            migrator.migrate(migrator.drop_column("test", "metrics"))


def _make_room(db, columns):
    """Add the table and the columns unless an interrupted process has done so."""

    class Test(Model):
        id = AutoField()

        class Meta:
            database = db
            table_name = "test"

    class Result(Model):
        test = ForeignKeyField(Test, primary_key=True, on_delete="CASCADE")
        metrics = JSONField()

        class Meta:
            database = db
            table_name = "result"

    with db.atomic():
        db.create_tables([Result])
        if "host" not in columns:
            db.execute_sql("ALTER TABLE test ADD COLUMN host VARCHAR(255) DEFAULT '' NOT NULL")
        if "inventory" not in columns:
            db.execute_sql("ALTER TABLE test ADD COLUMN inventory VARCHAR(16)")


def _move(db):
    """Move all metrics. A test that has moved has the host of its session, which is never empty."""
    (newest,) = db.execute_sql("SELECT MAX(id) FROM test").fetchone()
    (last,) = db.execute_sql("SELECT MAX(id) FROM test WHERE host = ''").fetchone()
    shown, moved = 0.0, 0
    while last is not None:
        before = last - BATCH
        with db.atomic():
            moved += _move_some(db, before, last)
        if time.monotonic() - shown > SECONDS_BETWEEN_LINES:
            shown = time.monotonic()
            logger.info("moving the metrics of tests: %d %%", 100 * (newest - before) // newest)
        if moved >= TESTS_BETWEEN_VACUUMS:
            moved = 0
            _vacuum(db)
        (last,) = db.execute_sql(f"SELECT MAX(id) FROM test WHERE id <= {before} AND host = ''").fetchone()


def _move_some(db, before, last):
    """Move the metrics of the tests with these ids, `before` excluded; return their number."""
    those = f"id > {before} AND id <= {last}"
    of_session = "FROM session WHERE session.id = test.session_id"
    db.execute_sql(
        f"INSERT INTO result (test_id, metrics) SELECT id, metrics FROM test WHERE {those} AND metrics IS NOT NULL"
    )
    done = db.execute_sql(
        f"UPDATE test SET metrics = NULL, host = (SELECT host {of_session}), inventory = (SELECT hardware_id {of_session})"
        f" WHERE {those}"
    )
    return done.rowcount


def _vacuum(db):
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql("VACUUM test")


def down(migrator, db):
    with db.atomic():
        if "metrics" not in {column.name for column in db.get_columns("test")}:
            db.execute_sql(f"ALTER TABLE test ADD COLUMN metrics {'TEXT' if hasattr(db, 'pragma') else 'JSONB'}")
        db.execute_sql("UPDATE test SET metrics = (SELECT metrics FROM result WHERE test_id = test.id)")
        migrator.migrate(migrator.drop_table("result"))
        migrator.migrate(migrator.drop_column("test", "host"))
        migrator.migrate(migrator.drop_column("test", "inventory"))
