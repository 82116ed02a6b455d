"""Search for text in sessions: SQLite's index for three or more characters, otherwise the database's own comparison."""

import re
from dataclasses import dataclass
from typing import Any

from peewee import OP, SQL, Expression, Field, Model, SqliteDatabase
from playhouse.sqlite_ext import RowIDField

from common.store.database import database
from common.store.fields import ShortText
from common.store.reads.lists import search_index
from common.store.search_tables import SessionText
from common.values.storable import storable_text

MIN_INDEXED = 3
"""SQLite's index has the sequences of three characters of each text."""
GLOB_SPECIAL = re.compile(r"[*?\[]")


class SearchIndex(Model):
    """SQLite's index of `SessionText`. Its ids are the same."""

    rowid = RowIDField()
    session = ShortText(column_name="session_id")

    class Meta:
        database = database
        table_name = search_index.TABLE


@dataclass(frozen=True)
class Search:
    """The sessions whose text has some text: rows of a table, with the session's id, in the order of submission."""

    table: Any
    session: Field
    order: Field
    found: Any


def search(text: str, *, by_index: bool = True) -> Search:
    """Return a search for text, in upper or lower case. `by_index` is false for a search in few sessions."""
    text = storable_text(text.lower())
    if isinstance(database.obj, SqliteDatabase):
        if by_index and len(text) >= MIN_INDEXED and search_index.exists(database.obj):
            phrase = '"' + text.replace('"', '""') + '"'
            return Search(
                SearchIndex, SearchIndex.session, SearchIndex.rowid, SQL(f"{search_index.TABLE} MATCH ?", [phrase])
            )
        return _by_comparison("*" + GLOB_SPECIAL.sub(r"[\g<0>]", text) + "*")
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return _by_comparison(f"%{literal}%")


def _by_comparison(pattern: str) -> Search:
    """Compare all texts with a pattern, which is one of GLOB on SQLite: it takes half of the time of INSTR."""
    found = Expression(SessionText.text, OP.LIKE, pattern)
    return Search(SessionText, SessionText.session, SessionText.id, found)
