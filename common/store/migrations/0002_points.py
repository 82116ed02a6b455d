# Generated from a schema diff on 2026-11-24 05:30.
from peewee import *

def up(migrator, db):
    migrator.migrate(migrator.drop_index('run', 'run_test_id_repetition'))
    migrator.migrate(migrator.add_column('session', 'order', CharField(max_length=16, default='sequential')))
    migrator.migrate(migrator.add_column('run', 'point', IntegerField(default=0)))
    migrator.migrate(migrator.add_index('run', ('test_id', 'point', 'repetition'), unique=True))
    # Runs of unfinished tests stay: 0012 brings their records to the present shape.
    db.execute_sql("DELETE FROM catalogue_entry")


def down(migrator, db):
    migrator.migrate(migrator.drop_index('run', 'run_test_id_point_repetition'))
    migrator.migrate(migrator.drop_column('run', 'point'))
    migrator.migrate(migrator.drop_column('session', 'order'))
    migrator.migrate(migrator.add_index('run', ('test_id', 'repetition'), unique=True))
