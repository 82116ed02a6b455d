# Generated from a schema diff on 2026-11-24 12:01.
from peewee import *

def up(migrator, db):
    migrator.migrate(migrator.add_column('session', 'owner', CharField(null=True, max_length=16)))
    migrator.migrate(migrator.add_index('session', ('status', 'owner')))


def down(migrator, db):
    migrator.migrate(migrator.drop_index('session', 'session_status_owner'))
    migrator.migrate(migrator.drop_column('session', 'owner'))
