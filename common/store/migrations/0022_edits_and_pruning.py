"""Keep a session's pin and note, how often sessions were edited, and if their old data was deleted.

The new columns have defaults in the database, so that a worker of the release before can finish its session.
"""
from peewee import *

ADDED = (
    ("session", "pinned {flag} DEFAULT FALSE NOT NULL"),
    ("session", "note TEXT"),
    ("session", "has_raw_data {flag} DEFAULT TRUE NOT NULL"),
    ("deletions", "edits INTEGER DEFAULT 0 NOT NULL"),
)
REPLACED = ("created_at", "id"), ("status", "created_at"), ("host", "created_at", "id")
INDEXES = (
    ("created_at", "id", "status", "phase"),
    ("host", "created_at", "id", "status", "phase"),
    ("status", "created_at", "id"),
    ("status", "phase", "created_at", "id"),
    ("pinned", "created_at", "id"),
    ("has_raw_data", "finished_at"),
)


def up(migrator, db):
    flag = "INTEGER" if isinstance(db, SqliteDatabase) else "BOOLEAN"
    for table, column in ADDED:
        db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column.format(flag=flag)}")
    migrator.migrate(migrator.add_column("session", "pruned_at", DateTimeField(null=True)))
    for columns in INDEXES:
        migrator.migrate(migrator.add_index("session", columns))
    for columns in REPLACED:
        migrator.migrate(migrator.drop_index("session", f"session_{'_'.join(columns)}"))


def down(migrator, db):
    for columns in REPLACED:
        migrator.migrate(migrator.add_index("session", columns))
    for columns in INDEXES:
        migrator.migrate(migrator.drop_index("session", f"session_{'_'.join(columns)}"))
    migrator.migrate(migrator.drop_column("session", "pruned_at"))
    for table, column in reversed(ADDED):
        migrator.migrate(migrator.drop_column(table, column.partition(" ")[0]))
