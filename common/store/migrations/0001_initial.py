# Generated from a schema diff on 2026-11-23 20:15.
from peewee import *

def up(migrator, db):
    class CatalogueEntry(Model):
        name = CharField(primary_key=True, max_length=64)
        position = IntegerField()
        description = JSONField()
        class Meta:
            database = db
            table_name = 'catalogue_entry'
    db.create_tables([CatalogueEntry])

    class Hardware(Model):
        fingerprint = CharField(primary_key=True, max_length=16)
        inventory = JSONField()
        text = TextField()
        class Meta:
            database = db
            table_name = 'hardware'
    db.create_tables([Hardware])

    class Session(Model):
        id = CharField(primary_key=True, max_length=36)
        name = CharField(null=True)
        host = CharField()
        status = CharField(max_length=16, default='running')
        phase = CharField(max_length=16, default='queued')
        message = TextField(null=True)
        models = JSONField()
        test_types = JSONField()
        tags = JSONField()
        hardware = ForeignKeyField(Hardware, null=True)
        ollama_version = CharField(null=True, max_length=64)
        created_at = DateTimeField()
        started_at = DateTimeField(null=True)
        finished_at = DateTimeField(null=True)
        search = TextField()
        idempotency_key = CharField(unique=True, null=True)
        request_digest = CharField(max_length=64)
        claim = CharField(null=True, max_length=36)
        fruitless_claims = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'session'
            indexes = ((('created_at', 'id'), False), (('status', 'created_at'), False))
    db.create_tables([Session])

    class Test(Model):
        session = ForeignKeyField(Session, on_delete='CASCADE')
        position = IntegerField()
        model = CharField()
        test_type = CharField(max_length=64)
        options = JSONField()
        status = CharField(max_length=16, default='running')
        phase = CharField(max_length=16, default='queued')
        message = TextField(null=True)
        metrics = JSONField(null=True)
        started_at = DateTimeField(null=True)
        finished_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'test'
            indexes = ((('session', 'model', 'test_type'), True), (('status', 'finished_at'), False), (('status', 'model', 'test_type', 'finished_at'), False))
    db.create_tables([Test])

    class LogLine(Model):
        test = ForeignKeyField(Test, on_delete='CASCADE')
        at = DateTimeField()
        text = TextField()
        class Meta:
            database = db
            table_name = 'log_line'
    db.create_tables([LogLine])

    class Run(Model):
        test = ForeignKeyField(Test, on_delete='CASCADE')
        repetition = IntegerField()
        at = DateTimeField()
        figures = JSONField()
        record = JSONField()
        class Meta:
            database = db
            table_name = 'run'
            indexes = ((('test', 'repetition'), True),)
    db.create_tables([Run])

    class SessionTag(Model):
        session = ForeignKeyField(Session, on_delete='CASCADE')
        tag = CharField()
        class Meta:
            database = db
            table_name = 'session_tag'
            primary_key = CompositeKey('tag', 'session')
    db.create_tables([SessionTag])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('session_tag'))
    migrator.migrate(migrator.drop_table('run'))
    migrator.migrate(migrator.drop_table('log_line'))
    migrator.migrate(migrator.drop_table('test'))
    migrator.migrate(migrator.drop_table('session'))
    migrator.migrate(migrator.drop_table('hardware'))
    migrator.migrate(migrator.drop_table('catalogue_entry'))
