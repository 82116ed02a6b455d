"""Store schedules, and which of them submitted a session."""
from peewee import *


def up(migrator, db):
    class Schedule(Model):
        id = CharField(primary_key=True, max_length=36)
        name = CharField(null=True)
        cron = CharField()
        time_zone = CharField()
        session = JSONField()
        enabled = BooleanField()
        owner = CharField(null=True, max_length=16)
        created_at = DateTimeField()
        next_at = DateTimeField(null=True, index=True)
        attempt_at = DateTimeField(null=True)
        last_at = DateTimeField(null=True)
        last_session = CharField(null=True, max_length=36)
        last_error = TextField(null=True)

        class Meta:
            database = db
            table_name = "schedule"

    db.create_tables([Schedule])
    migrator.migrate(migrator.add_column("session", "schedule", CharField(null=True, max_length=36)))
    migrator.migrate(migrator.add_index("session", ("schedule", "created_at", "id")))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("session", "session_schedule_created_at_id"))
    migrator.migrate(migrator.drop_column("session", "schedule"))
    migrator.migrate(migrator.drop_table("schedule"))
