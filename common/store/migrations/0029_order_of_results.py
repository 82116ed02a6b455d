"""Index results in the order in which they are listed, so that PostgreSQL passes them without reading their table."""
import logging

from peewee import *

logger = logging.getLogger(__name__)


def up(migrator, db):
    logger.info("indexing results in their order")
    migrator.migrate(migrator.add_index("test", ("status", "finished_at", "id")))
    migrator.migrate(migrator.drop_index("test", "test_status_finished_at"))


def down(migrator, db):
    migrator.migrate(migrator.add_index("test", ("status", "finished_at")))
    migrator.migrate(migrator.drop_index("test", "test_status_finished_at_id"))
