"""Index regressions in the order of their lists: to count those of a host, or to sort all, every one was read."""
from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_index("regression", ("host", "outcome", "opened_at", "id")))
    migrator.migrate(migrator.add_index("regression", ("outcome", "opened_at", "id")))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("regression", "regression_outcome_opened_at_id"))
    migrator.migrate(migrator.drop_index("regression", "regression_host_outcome_opened_at_id"))
