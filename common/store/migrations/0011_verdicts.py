"""Store the verdicts on a test as they occur. A test that ended before has them in its metrics."""
from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_column("test", "verdicts", JSONField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("test", "verdicts"))
