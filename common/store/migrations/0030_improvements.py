"""Make room for lasting changes for the better beside regressions, which the stored ones all are.

The new column has a default in the database, so that a scheduler of the release before can store a regression.
"""
from peewee import *


def up(migrator, db):
    db.execute_sql("ALTER TABLE regression ADD COLUMN outcome VARCHAR(8) DEFAULT 'worse' NOT NULL")
    migrator.migrate(migrator.add_index("regression", ("outcome", "first_at")))


def down(migrator, db):
    db.execute_sql("DELETE FROM regression WHERE outcome <> 'worse'")
    migrator.migrate(migrator.drop_index("regression", "regression_outcome_first_at"))
    migrator.migrate(migrator.drop_column("regression", "outcome"))
