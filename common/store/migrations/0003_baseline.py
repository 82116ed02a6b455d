# Generated from a schema diff on 2026-11-24 10:20.
from peewee import *

def up(migrator, db):
    migrator.migrate(migrator.add_column('test', 'baseline', JSONField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column('test', 'baseline'))
