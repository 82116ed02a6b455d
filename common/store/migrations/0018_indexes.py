"""Index what results are filtered by, and drop indexes whose columns are the first of another's."""
import logging

from peewee import *

ADDED = (
    ("status", "model", "finished_at"),
    ("status", "model", "test_type", "finished_at", "host"),
    ("status", "test_type", "finished_at"),
    ("status", "host", "finished_at"),
    ("status", "inventory", "finished_at"),
)
DROPPED = (
    ("test", "session_id", "test_session_id"),
    ("run", "test_id", "run_test_id"),
    ("reading_chunk", "session_id", "readingchunk_session_id"),
)
logger = logging.getLogger(__name__)


def up(migrator, db):
    for number, columns in enumerate(ADDED, start=1):
        logger.info("indexing tests: %d of %d", number, len(ADDED))
        migrator.migrate(migrator.add_index("test", columns))
    for table, _, index in DROPPED:
        migrator.migrate(migrator.drop_index(table, index))
    migrator.migrate(migrator.drop_index("test", "test_status_model_test_type_finished_at"))


def down(migrator, db):
    for table, column, index in DROPPED:
        db.execute_sql(f"CREATE INDEX {index} ON {table} ({column})")
    migrator.migrate(migrator.add_index("test", ("status", "model", "test_type", "finished_at")))
    for columns in ADDED:
        migrator.migrate(migrator.drop_index("test", f"test_{'_'.join(columns)}"))
