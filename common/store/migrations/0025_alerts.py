"""Make room for regressions, receivers of notifications, events and their deliveries.

Sessions that have ended before are not evaluated. The new column has a default in the database, so that a worker of the
release before can finish its session.
"""
from peewee import *

ENDED = "status <> 'running'"


def up(migrator, db):
    kind = "INTEGER" if isinstance(db, SqliteDatabase) else "BOOLEAN"
    db.execute_sql(f"ALTER TABLE session ADD COLUMN unevaluated {kind} DEFAULT TRUE NOT NULL")
    db.execute_sql(f"UPDATE session SET unevaluated = FALSE WHERE {ENDED}")
    migrator.migrate(migrator.add_index("session", ("unevaluated", "finished_at")))

    class Regression(Model):
        id = CharField(primary_key=True, max_length=36)
        model = CharField()
        test_type = CharField(max_length=64)
        metric = CharField(max_length=64)
        host = CharField()
        options = TextField()
        first = CharField(max_length=36)
        first_at = DateTimeField()
        seen = CharField(max_length=36)
        seen_at = DateTimeField()
        record = JSONField()
        opened_at = DateTimeField()
        over_at = DateTimeField(null=True)
        over_reason = CharField(null=True, max_length=16)
        over_session = CharField(null=True, max_length=36)
        over_sentence = TextField(null=True)
        acknowledged_at = DateTimeField(null=True)
        note = TextField(null=True)

        class Meta:
            database = db
            table_name = "regression"
            indexes = (
                (("model", "test_type", "host"), False),
                (("opened_at", "id"), False),
                (("over_at",), False),
            )

    class Receiver(Model):
        id = CharField(primary_key=True, max_length=36)
        name = CharField(null=True)
        url = TextField(null=True)
        secret = TextField(null=True)
        events = JSONField()
        enabled = BooleanField()
        created_at = DateTimeField()
        due_at = DateTimeField(null=True)
        failures = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "receiver"

    class Event(Model):
        id = AutoField()
        uid = CharField(max_length=36, unique=True)
        type = CharField(max_length=32)
        at = DateTimeField()
        created_at = DateTimeField(index=True)
        text = TextField()
        path = TextField()
        data = JSONField()

        class Meta:
            database = db
            table_name = "event"

    class Delivery(Model):
        id = AutoField()
        receiver = ForeignKeyField(Receiver, on_delete="CASCADE", index=False)
        event = ForeignKeyField(Event, on_delete="CASCADE")
        state = CharField(max_length=16, default="pending")
        attempts = IntegerField(default=0)
        attempted_at = DateTimeField(null=True)
        status = IntegerField(null=True)
        message = TextField(null=True)

        class Meta:
            database = db
            table_name = "delivery"
            indexes = ((("receiver", "state", "id"), False),)

    class SamplerState(Model):
        machine = CharField(primary_key=True)
        last_reading = BigIntegerField()
        silent_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "sampler_state"

    db.create_tables([Regression, Receiver, Event, Delivery, SamplerState])


def down(migrator, db):
    for table in ("sampler_state", "delivery", "event", "receiver", "regression"):
        db.execute_sql(f"DROP TABLE {table}")
    migrator.migrate(migrator.drop_index("session", "session_unevaluated_finished_at"))
    migrator.migrate(migrator.drop_column("session", "unevaluated"))
