"""Mark sessions that another Gait measured."""
from peewee import *


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("session", "imported_at", DateTimeField(null=True)),
        migrator.add_index("session", ("imported_at",)),
    )


def down(migrator, db):
    migrator.migrate(migrator.drop_index("session", "session_imported_at"), migrator.drop_column("session", "imported_at"))
