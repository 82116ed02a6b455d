"""Keep the numbers of sessions and of results by what lists are filtered by, and index regressions by their sessions.

Triggers keep them, so that nothing that writes can forget to, a worker of the release before included. They only add
rows, so that no transaction waits for another one's, and the scheduler sums these up.
"""
import logging

from peewee import *

COUNTED = {
    "session_total": ("session", ("host", "status", "phase", "pinned"), "{row}.status IN ('completed', 'error')"),
    "tag_total": ("session_tag", ("tag",), "TRUE"),
    "result_total": ("test", ("model", "test_type", "host", "inventory"), "{row}.status = 'completed'"),
}
"""By the table of the totals, the table whose rows are counted, by which columns, and which of them are."""
ALSO = {"test": ("status",)}
"""Columns that decide if a row is counted, beside those that it is counted by."""
INDEXED = ("seen", "over_session")

FUNCTION = """
CREATE FUNCTION count_{total}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF ({old}) IS NOT DISTINCT FROM ({new}) THEN RETURN NULL; END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        {removed};
    END IF;
    IF TG_OP <> 'DELETE' THEN
        {added};
    END IF;
    RETURN NULL;
END $$
"""
POSTGRESQL = """
CREATE TRIGGER count_{total} AFTER INSERT OR DELETE OR UPDATE OF {watched} ON {table}
FOR EACH ROW EXECUTE FUNCTION count_{total}()
"""
SQLITE = (
    "CREATE TRIGGER {total}_added AFTER INSERT ON {table} BEGIN {added}; END",
    "CREATE TRIGGER {total}_removed AFTER DELETE ON {table} BEGIN {removed}; END",
    """CREATE TRIGGER {total}_changed AFTER UPDATE OF {watched} ON {table} WHEN ({old}) IS NOT ({new})
    BEGIN {removed}; {added}; END""",
)
logger = logging.getLogger(__name__)


def up(migrator, db):
    logger.info("counting sessions and results")
    class SessionTotal(Model):
        id = AutoField()
        host = CharField()
        status = CharField(max_length=16)
        phase = CharField(max_length=16)
        pinned = BooleanField()
        number = IntegerField()

        class Meta:
            database = db
            table_name = "session_total"
            indexes = ((("host", "status", "phase", "pinned", "number"), False),)

    class TagTotal(Model):
        id = AutoField()
        tag = CharField()
        number = IntegerField()

        class Meta:
            database = db
            table_name = "tag_total"
            indexes = ((("tag", "number"), False),)

    class ResultTotal(Model):
        id = AutoField()
        model = CharField()
        test_type = CharField(max_length=64)
        host = CharField()
        inventory = CharField(max_length=16)
        number = IntegerField()

        class Meta:
            database = db
            table_name = "result_total"
            indexes = ((("test_type", "model", "host", "inventory", "number"), False),)

    db.create_tables([SessionTotal, TagTotal, ResultTotal])
    for total in COUNTED:  # before counting: a trigger locks its table, so that nobody writes meanwhile
        for statement in triggers(total, is_sqlite=isinstance(db, SqliteDatabase)):
            db.execute_sql(statement)
    for total in COUNTED:
        db.execute_sql(count(total))
    for column in INDEXED:
        migrator.migrate(migrator.add_index("regression", (column,)))


def triggers(total, *, is_sqlite):
    """Return the statements that create the triggers that keep a table of totals."""
    table, columns, _ = COUNTED[total]
    watched = (*ALSO.get(table, ()), *columns)
    rows = {row.lower(): ", ".join(f"{row}.{column}" for column in watched) for row in ("OLD", "NEW")}
    changes = {"removed": _change(total, "OLD", -1), "added": _change(total, "NEW", 1)}
    statements = SQLITE if is_sqlite else (FUNCTION, POSTGRESQL)
    return [
        each.format(total=total, table=table, watched=", ".join(watched), **rows, **changes) for each in statements
    ]


def _change(total, row, number):
    _, columns, condition = COUNTED[total]
    values = ", ".join(_value(column, f"{row}.") for column in columns)
    return f"INSERT INTO {total} ({', '.join(columns)}, number) SELECT {values}, {number} WHERE {condition.format(row=row)}"


def count(total):
    """Return the statement that counts all rows."""
    table, columns, condition = COUNTED[total]
    names, values = ", ".join(columns), ", ".join(_value(column) for column in columns)
    where = condition.format(row=table)
    return f"INSERT INTO {total} ({names}, number) SELECT {values}, COUNT(*) FROM {table} WHERE {where} GROUP BY {names}"


def _value(column, row=""):
    return f"COALESCE({row}{column}, '')" if column == "inventory" else f"{row}{column}"


def down(migrator, db):
    for column in INDEXED:
        migrator.migrate(migrator.drop_index("regression", f"regression_{column}"))
    for total, (table, *_) in COUNTED.items():
        if isinstance(db, SqliteDatabase):
            for kind in ("added", "removed", "changed"):
                db.execute_sql(f"DROP TRIGGER {total}_{kind}")
        else:
            db.execute_sql(f"DROP TRIGGER count_{total} ON {table}")
            db.execute_sql(f"DROP FUNCTION count_{total}()")
        db.execute_sql(f"DROP TABLE {total}")
