"""Store what sessions have in common that lists show as one row, and the worst grade of each session's results.

The new columns may be null, so that a worker of the release before can finish its session.
"""
from peewee import *

KEY = """
    CASE WHEN imported_at IS NULL THEN '' ELSE 'imported ' END ||
    CASE WHEN name <> '' THEN 'name:' || name WHEN schedule <> '' THEN 'schedule:' || schedule
        WHEN "group" <> '' THEN 'group:' || "group" ELSE 'session:' || id END
"""
WORST = """
    SELECT MAX(CASE result.grade WHEN 'disturbed' THEN 3 WHEN 'noisy' THEN 2 WHEN 'clean' THEN 0 ELSE 1 END)
    FROM test JOIN result ON result.test_id = test.id WHERE test.session_id = session.id
"""
SERIES = """
    INSERT INTO series (key, newest, newest_at, number)
    SELECT series, id, created_at, number FROM (
        SELECT series, id, created_at, COUNT(*) OVER (PARTITION BY series) AS number,
            ROW_NUMBER() OVER (PARTITION BY series ORDER BY created_at DESC, id DESC) AS place
        FROM session WHERE series IS NOT NULL
    ) AS ranked WHERE place = 1
"""


def up(migrator, db):
    class Series(Model):
        key = CharField(primary_key=True)
        newest = CharField(max_length=36)
        newest_at = DateTimeField()
        number = IntegerField()

        class Meta:
            database = db
            table_name = "series"
            indexes = ((("newest_at", "newest"), False),)

    db.create_tables([Series])
    for column in ("series VARCHAR(255)", "grade VARCHAR(16)"):
        db.execute_sql(f"ALTER TABLE session ADD COLUMN {column}")
    grade = f"CASE ({WORST}) WHEN 3 THEN 'disturbed' WHEN 2 THEN 'noisy' WHEN 0 THEN 'clean' END"
    own = f"CASE WHEN status = 'completed' THEN {grade} END"
    db.execute_sql(f"UPDATE session SET series = SUBSTR({KEY}, 1, 255), grade = {own} WHERE status <> 'importing'")
    migrator.migrate(migrator.add_index("session", ("series", "created_at", "id")))
    db.execute_sql(SERIES)


def down(migrator, db):
    migrator.migrate(migrator.drop_index("session", "session_series_created_at_id"))
    for column in ("series", "grade"):
        migrator.migrate(migrator.drop_column("session", column))
    db.execute_sql("DROP TABLE series")
