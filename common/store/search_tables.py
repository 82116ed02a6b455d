"""The tables that sessions are searched, counted and compared by, beside their own."""

from peewee import AutoField, BooleanField, CompositeKey, DateTimeField, ForeignKeyField, IntegerField

from common.records.medians import MedianRecords
from common.records.runs import SoftwareRecord
from common.store.fields import JsonColumn, ShortText, Text
from common.store.tables import Session, Table, Test
from common.values.free_json import Json


class SessionText(Table):
    """The text that searches for sessions look in, in lower case. Ids rise in the order of submission.

    `common/store/reads/lists/search_index.py` has its index.
    """

    id = AutoField()
    session = ForeignKeyField(Session, backref="texts", on_delete="CASCADE", unique=True)
    text = Text()
    session_id: str


class Deletions(Table):
    """How many times sessions were deleted, and how many times edited, in one row.

    Totals that were counted before are wrong after a deletion, and after an edit if they depend on what was edited.
    """

    id = IntegerField(primary_key=True)
    count = IntegerField()
    edits = IntegerField(default=0)


class Series(Table):
    """The sessions that lists show as one row, with its `newest` session and their `number`."""

    key = ShortText(primary_key=True)
    newest = ShortText(max_length=36)
    newest_at = DateTimeField()
    number = IntegerField()

    class Meta:
        indexes = ((("newest_at", "newest"), False),)


class SessionTag(Table):
    """A tag of a session for searches, in lower case: the user's own tags and those of its models."""

    session = ForeignKeyField(Session, backref="tag_rows", on_delete="CASCADE")
    tag = ShortText()

    class Meta:
        primary_key = CompositeKey("tag", "session")


class SessionTotal(Table):
    """How many sessions that have ended have these values: the sum of `number` in all rows with them.

    As in the tables below, triggers add a row for each change, in its transaction. The scheduler sums them up.
    """

    host = ShortText()
    status = ShortText(max_length=16)
    phase = ShortText(max_length=16)
    pinned = BooleanField()
    number = IntegerField()

    class Meta:
        indexes = ((("host", "status", "phase", "pinned", "number"), False),)


class TagTotal(Table):
    """How many sessions have a tag."""

    tag = ShortText()
    number = IntegerField()

    class Meta:
        indexes = ((("tag", "number"), False),)


class ResultTotal(Table):
    """How many completed tests have these values. An unknown `inventory` is empty text."""

    model = ShortText()
    test_type = ShortText(max_length=64)
    host = ShortText()
    inventory = ShortText(max_length=16)
    number = IntegerField()

    class Meta:
        indexes = ((("test_type", "model", "host", "inventory", "number"), False),)


class DayTotal(Table):
    """How many completed tests ended on a day such as 2026-11-28."""

    day = ShortText(max_length=10)
    number = IntegerField()

    class Meta:
        indexes = ((("day", "number"), False),)


class Medians(Table):
    """What a comparison reads of each of thousands of tests, close together: the medians of a completed test by metric.

    `headline` are those of the metric that represents the test, and `medians` those of all. `options` and `software`
    are those of the test and its result. A test that a worker of the release before completed has none.
    """

    test = ForeignKeyField(Test, primary_key=True, on_delete="CASCADE")
    options: JsonColumn[Json] = JsonColumn()
    headline: JsonColumn[MedianRecords] = JsonColumn()
    software: JsonColumn[SoftwareRecord | None] = JsonColumn(null=True)
    medians: JsonColumn[MedianRecords] = JsonColumn()
    test_id: int
