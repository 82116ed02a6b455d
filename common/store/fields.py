"""Column types of our own, which give their values a type and store any text on either database."""

import json
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypeVar, overload

import orjson
from peewee import Case, CharField, ColumnBase, Field, JSONField, SqliteDatabase, TextField, fn

from common.catalogue.test_type import Point
from common.errors import UnreadableRecord
from common.store.database import database
from common.values.free_json import Json
from common.values.storable import storable, storable_text

UNREADABLE = "The stored record cannot be read. Restore it from a copy of the database, or delete the session."

Value = TypeVar("Value")


class _Typed(Generic[Value]):
    """A column whose values are of a known type."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: Any) -> Self: ...  # noqa: ANN401 - as Peewee has it
        @overload
        def __get__(self, instance: object, owner: Any) -> Value: ...  # noqa: ANN401 - as above
        def __get__(self, instance: object | None, owner: Any) -> Self | Value: ...
        def __set__(self, instance: object, value: Value) -> None: ...


if TYPE_CHECKING:  # Peewee's stubs know the values of its own classes, and of no subclass
    ShortText, Text = CharField, TextField
else:

    class _AnyText:
        def db_value(self, value: str | None) -> str | None:
            return value and storable_text(value)

    class ShortText(_AnyText, CharField):
        """Text of at most `max_length` characters."""

    class Text(_AnyText, TextField):
        """Text of any length."""


class JsonColumn(_Typed[Value], JSONField):
    """JSON read by orjson, in a third of the standard library's time: pages read megabytes of metrics."""

    def __init__(self, *, null: bool = False) -> None:
        super().__init__(dumps=_dumps, loads=loads, null=null)


class Unreadable:
    """Stored text that is not valid JSON. Every use raises UnreadableRecord, so that others can still be read."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - it never returns
        if name.startswith("__"):  # Python itself looks for these, as in a copy
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *_: object) -> NoReturn:
        raise UnreadableRecord(UNREADABLE)

    __bool__ = __contains__ = __getitem__ = __iter__ = __len__ = _refuse


def loads(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON that was read as text, or `Unreadable`."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return Unreadable()


def _dumps(value: Any) -> str:  # noqa: ANN401 - any JSON
    return json.dumps(storable(value))


def part(column: JsonColumn[Any], name: str) -> ColumnBase:
    """Return an expression with a part of the object in a JSON column, NULL if it has none.

    SQLite may hold JSON that is not valid, which would fail the whole query. It has no parts either.
    """
    found: ColumnBase = column[name]
    if isinstance(database.obj, SqliteDatabase):
        return Case(None, [(fn.JSON_VALID(column), found)]).converter(column.python_value)
    return found


def known(record: object) -> Json:
    """Return a stored object, or an empty one if it is missing or of another shape."""
    return record if isinstance(record, dict) else {}


class Conditions(_Typed[Point], Field):
    """Conditions as JSON text in one canonical form, so that SQLite and PostgreSQL can index and compare them alike."""

    field_type = "TEXT"

    def __init__(self) -> None:
        super().__init__(default=dict)

    def db_value(self, value: Point) -> str:
        """Return the text, with its names sorted and without blanks."""
        return orjson.dumps(storable(value), option=orjson.OPT_SORT_KEYS).decode()

    def python_value(self, value: str) -> Point:
        return parse_conditions(value)


def parse_conditions(text: str) -> Point:
    """Return the conditions of a column of `Conditions` that was read as text."""
    found: Point = orjson.loads(text)
    return found
