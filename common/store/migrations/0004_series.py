# Generated from a schema diff on 2026-11-24 10:20.
from peewee import *

def up(migrator, db):
    class Session(Model):
        id = CharField(primary_key=True, max_length=36)
        class Meta:
            database = db
            table_name = 'session'

    class Stretch(Model):
        session = ForeignKeyField(Session, on_delete='CASCADE')
        start = BigIntegerField()
        end = BigIntegerField()
        data = BlobField()
        class Meta:
            database = db
            table_name = 'stretch'
            indexes = ((('session', 'start'), True),)
    db.create_tables([Stretch])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('stretch'))
