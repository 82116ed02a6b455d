"""Index of the text that searches for sessions look in: FTS5's trigrams on SQLite, those of pg_trgm on PostgreSQL."""

import logging

from peewee import Database, DatabaseError, SqliteDatabase

from common.store.connections.availability import problem

TABLE = "session_fts"
"""SQLite's index, a virtual table. Its `rowid` is the `id` of `SessionText`."""
SQLITE = (
    """CREATE VIRTUAL TABLE session_fts USING fts5(
        session_id UNINDEXED, text, content='session_text', content_rowid='id', columnsize=0,
        tokenize='trigram case_sensitive 1'
    )""",
    """CREATE TRIGGER session_text_added AFTER INSERT ON session_text BEGIN
        INSERT INTO session_fts (rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER session_text_removed AFTER DELETE ON session_text BEGIN
        INSERT INTO session_fts (session_fts, rowid, text) VALUES ('delete', old.id, old.text);
    END""",
    """CREATE TRIGGER session_text_changed AFTER UPDATE OF text ON session_text BEGIN
        INSERT INTO session_fts (session_fts, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO session_fts (rowid, text) VALUES (new.id, new.text);
    END""",
    "INSERT INTO session_fts (session_fts) VALUES ('rebuild')",
)
TRIGGERS = ("session_text_added", "session_text_removed", "session_text_changed")
INDEX = "session_text_trigrams"
# Without fastupdate there is no list of pending entries, which every search would have to read too.
POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX session_text_trigrams ON session_text USING gin (text gin_trgm_ops) WITH (fastupdate = off)",
)
ADVICE = (
    "SQLite needs FTS5 with trigrams (3.34 or newer). On PostgreSQL, run CREATE EXTENSION pg_trgm as an administrator."
)

logger = logging.getLogger(__name__)


def create_missing(opened: Database) -> None:
    """Create the index unless it exists. If the database cannot have one, searches read all texts instead.

    Each start tries again, because an administrator may have installed the extension.
    """
    if exists(opened):
        return
    try:
        with opened.atomic():
            for statement in SQLITE if isinstance(opened, SqliteDatabase) else POSTGRESQL:
                opened.execute_sql(statement)
    except DatabaseError as error:
        if problem(error):
            raise
        logger.warning("searches for sessions are slow without an index: %s. %s", str(error).splitlines()[0], ADVICE)


def drop(opened: Database) -> None:
    """Drop the index if it exists. Building it is faster than adding many texts to it."""
    kind, names = ("TRIGGER", TRIGGERS) if isinstance(opened, SqliteDatabase) else ("INDEX", (INDEX,))
    for name in names:
        opened.execute_sql(f"DROP {kind} IF EXISTS {name}")
    opened.execute_sql(f"DROP TABLE IF EXISTS {TABLE}")


def exists(opened: Database) -> bool:
    """Return whether the database has the index."""
    if isinstance(opened, SqliteDatabase):
        return TABLE in opened.get_tables()
    return any(index.name == INDEX for index in opened.get_indexes("session_text"))
