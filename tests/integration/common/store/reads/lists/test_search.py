"""Searches have the same results as the database's own comparison of the whole text, whatever is searched for."""

import random
from typing import Any

import pytest
from peewee import SqliteDatabase

from common.store.changes import circumstances, writes
from common.store.database import database
from common.store.reads.lists import search_index
from common.store.reads.lists import sessions as lists
from common.store.reads.lists.sessions import SessionFilter
from common.store.search_tables import SessionText
from common.store.tables import Session
from testbed.stored.sessions import claim, create, new_session

pytestmark = pytest.mark.usefixtures("tables")

CHARACTERS = "abAB12 .-:%_\\'\"*?[]^ÄäßẞİıΣσςЖж日本😀\u00a0\u0301"
TEXTS, SEARCHES = 60, 80


def store(texts: list[str]) -> None:
    """Store a session with each text as its name, and nothing else to find it by."""
    with database.atomic():
        for text in texts:
            session = writes.create_sessions([new_session(name=text)])[0][0]
            SessionText.update(text=text.lower()).where(SessionText.session == session).execute()


def found(search: str) -> list[str]:
    """Return the names of the sessions that the product finds."""
    sessions, total = lists.sessions(SessionFilter(search=search), 1, TEXTS)
    assert total == len(sessions)
    return [str(session.name) for session in sessions]


def compared(search: str) -> list[str]:
    """Return the names of the sessions whose text has it by LIKE (SQLite) or ILIKE (PostgreSQL)."""
    query = Session.select(Session.name).join(SessionText).where(SessionText.text.contains(search.lower()))
    return [str(session.name) for session in query.order_by(Session.created_at.desc(), Session.id.desc())]


def test_a_search_finds_what_a_comparison_finds() -> None:
    chance = random.Random(7)
    texts = ["".join(chance.choices(CHARACTERS, k=chance.randint(1, 14))) for _ in range(TEXTS)]
    store(texts)
    for _ in range(SEARCHES):
        text, length = chance.choice(texts), chance.randint(1, 5)
        start = chance.randrange(len(text))
        search = chance.choice([text[start : start + length], "".join(chance.choices(CHARACTERS, k=length))])
        assert found(search) == compared(search), search


def test_a_search_does_not_find_what_was_deleted_or_changed() -> None:
    inventory: dict[str, Any] = {"cpu": {"model": "Ryzen"}}
    changed, deleted = create(name="first"), create(name="second")
    circumstances.describe_machine(claim(changed), inventory, None)
    assert writes.delete_session(deleted.id)
    assert (found("ryzen"), found("first"), found("second"), found("e")) == (["first"], ["first"], [], ["first"])
    if isinstance(database.obj, SqliteDatabase):
        check = f"INSERT INTO {search_index.TABLE} ({search_index.TABLE}, rank) VALUES ('integrity-check', 1)"  # noqa: S608 - our name
        database.execute_sql(check)


def test_without_its_index_a_search_reads_all_texts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    search_index.drop(database.obj)
    for statements in ("SQLITE", "POSTGRESQL"):
        monkeypatch.setattr(search_index, statements, ("SELECT no_such_function()",))
    search_index.create_missing(database.obj)
    assert "searches for sessions are slow without an index" in caplog.text
    create(name="first")
    assert found("irs") == ["first"]
