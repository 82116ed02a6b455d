"""Keep the effort of a session, which is unknown for those of before."""
from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_column("session", "effort", CharField(max_length=16, null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("session", "effort"))
