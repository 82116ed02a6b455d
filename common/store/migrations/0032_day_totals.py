"""Keep the number of results of each day, as 0031 keeps those of models: a span of time has up to a million."""
import logging

from peewee import *

DAYS = {True: "SUBSTR({row}finished_at, 1, 10)", False: "TO_CHAR({row}finished_at, 'YYYY-MM-DD')"}
"""The day of a row as text, by whether it is SQLite, which keeps times as text."""
COUNTED = "{row}status = 'completed' AND {row}finished_at IS NOT NULL"
CHANGE = "INSERT INTO day_total (day, number) SELECT {day}, {number} WHERE {counted}"

FUNCTION = """
CREATE FUNCTION count_day_total() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (OLD.status, {old}) IS NOT DISTINCT FROM (NEW.status, {new}) THEN RETURN NULL; END IF;
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
POSTGRESQL = (
    FUNCTION,
    """CREATE TRIGGER count_day_total AFTER INSERT OR DELETE OR UPDATE OF status, finished_at ON test
    FOR EACH ROW EXECUTE FUNCTION count_day_total()""",
)
SQLITE = (
    "CREATE TRIGGER day_total_added AFTER INSERT ON test BEGIN {added}; END",
    "CREATE TRIGGER day_total_removed AFTER DELETE ON test BEGIN {removed}; END",
    """CREATE TRIGGER day_total_changed AFTER UPDATE OF status, finished_at ON test
    WHEN (OLD.status, {old}) IS NOT (NEW.status, {new}) BEGIN {removed}; {added}; END""",
)
logger = logging.getLogger(__name__)


def up(migrator, db):
    logger.info("counting the results of each day")

    class DayTotal(Model):
        id = AutoField()
        day = CharField(max_length=10)
        number = IntegerField()

        class Meta:
            database = db
            table_name = "day_total"
            indexes = ((("day", "number"), False),)

    db.create_tables([DayTotal])
    day = DAYS[isinstance(db, SqliteDatabase)]
    old, new = (day.format(row=row) for row in ("OLD.", "NEW."))
    removed = CHANGE.format(day=old, number=-1, counted=COUNTED.format(row="OLD."))
    added = CHANGE.format(day=new, number=1, counted=COUNTED.format(row="NEW."))
    for statement in SQLITE if isinstance(db, SqliteDatabase) else POSTGRESQL:
        db.execute_sql(statement.format(old=old, new=new, removed=removed, added=added))
    every = f"SELECT {day.format(row='')}, COUNT(*) FROM test WHERE {COUNTED.format(row='')} GROUP BY 1"
    db.execute_sql(f"INSERT INTO day_total (day, number) {every}")


def down(migrator, db):
    if isinstance(db, SqliteDatabase):
        for kind in ("added", "removed", "changed"):
            db.execute_sql(f"DROP TRIGGER day_total_{kind}")
    else:
        db.execute_sql("DROP TRIGGER count_day_total ON test")
        db.execute_sql("DROP FUNCTION count_day_total()")
    db.execute_sql("DROP TABLE day_total")
