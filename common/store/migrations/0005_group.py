# Generated from a schema diff on 2026-11-24 10:18.
from peewee import *

def up(migrator, db):
    migrator.migrate(migrator.add_column('session', 'group', CharField(index=True, null=True, max_length=36)))


def down(migrator, db):
    migrator.migrate(migrator.drop_index('session', 'session_group'))
    migrator.migrate(migrator.drop_column('session', 'group'))
