"""Let a schedule that a request stored be found again by the key of the request."""
from peewee import *


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("schedule", "idempotency_key", CharField(null=True, max_length=64)),
        migrator.add_column("schedule", "request_digest", CharField(null=True, max_length=64)),
    )
    migrator.migrate(migrator.add_index("schedule", ("idempotency_key",), unique=True))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("schedule", "schedule_idempotency_key"))
    migrator.migrate(migrator.drop_column("schedule", "request_digest"))
    migrator.migrate(migrator.drop_column("schedule", "idempotency_key"))
