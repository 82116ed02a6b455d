"""Keep the text that searches look in in a table of its own, in the order of submission.

Lists of sessions no longer read it, and an index of it can follow the table's ids.
"""
import logging

from peewee import *

logger = logging.getLogger(__name__)


def up(migrator, db):
    class Session(Model):
        id = CharField(primary_key=True, max_length=36)

        class Meta:
            database = db
            table_name = "session"

    class SessionText(Model):
        id = AutoField()
        session = ForeignKeyField(Session, on_delete="CASCADE", unique=True)
        text = TextField()

        class Meta:
            database = db
            table_name = "session_text"

    class Deletions(Model):
        id = IntegerField(primary_key=True)
        count = IntegerField()

        class Meta:
            database = db
            table_name = "deletions"

    db.create_tables([SessionText, Deletions])
    if number := Session.select().count():
        logger.info("moving the text of %s sessions", f"{number:,}")
    db.execute_sql(
        "INSERT INTO session_text (session_id, text) SELECT id, lower(search) FROM session ORDER BY created_at, id"
    )
    migrator.migrate(migrator.drop_column("session", "search"))
    migrator.migrate(migrator.add_index("session", ("host", "created_at", "id")))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("session", "session_host_created_at_id"))
    db.execute_sql("ALTER TABLE session ADD COLUMN search TEXT DEFAULT '' NOT NULL")
    db.execute_sql(
        "UPDATE session SET search = COALESCE((SELECT text FROM session_text WHERE session_id = session.id), '')"
    )
    db.execute_sql("DROP TABLE IF EXISTS session_fts")
    migrator.migrate(migrator.drop_table("session_text"))
    migrator.migrate(migrator.drop_table("deletions"))
