"""Index the tests of each model on each host by their ends: leaderboards read the newest, comparisons those near."""
import logging

from peewee import *

COLUMNS = ("status", "test_type", "model", "host", "finished_at")
logger = logging.getLogger(__name__)


def up(migrator, db):
    logger.info("indexing the newest tests of each model on each host")
    migrator.migrate(migrator.add_index("test", COLUMNS))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("test", f"test_{'_'.join(COLUMNS)}"))
