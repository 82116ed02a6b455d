"""Store the grade of each result, as its verdicts say, a batch at a time. It is null if they are unknown.

Each batch is a transaction: a process that is killed has graded some, and the next one grades all again.
"""
import logging
import time

from peewee import *

BATCH = 500
BATCHES_BETWEEN_VACUUMS = 100
SECONDS_BETWEEN_LINES = 5
GRADES = {
    "disturbed": (
        *("clocks-disagree", "counts-disagree", "cpu-slowed", "fields-disagree", "foreign-load", "foreign-load-during"),
        *("machine-changed", "never-idle", "offload-ignored", "on-battery", "other-model", "page-cache-cold"),
        *("prompt-counts", "rates-disagree", "server-changed", "swapping", "throttled"),
    ),
    "noisy": ("drifting", "interrupted", "unsettled", "unstable-warm-up"),
    None: ("no-readings", "readings-gap"),
}

atomic = False
logger = logging.getLogger(__name__)


def up(migrator, db):
    with db.atomic():
        if "grade" not in {column.name for column in db.get_columns("result")}:
            db.execute_sql("ALTER TABLE result ADD COLUMN grade VARCHAR(16)")
    (last,) = db.execute_sql("SELECT MAX(test_id) FROM result").fetchone()
    shown, grade = time.monotonic(), _grade(db)
    for number, start in enumerate(range(0, (last or 0) + 1, BATCH), start=1):
        those = f"test_id >= {start} AND test_id < {start + BATCH} AND details IS NOT NULL"
        db.execute_sql(f"UPDATE result SET grade = {grade} WHERE {those}")
        if time.monotonic() - shown > SECONDS_BETWEEN_LINES:
            shown = time.monotonic()
            logger.info("grading results: %d %%", 100 * start // last)
        if number % BATCHES_BETWEEN_VACUUMS == 0:
            _vacuum(db)
    _vacuum(db)


def _grade(db):
    if isinstance(db, SqliteDatabase):
        known = "json_valid(details) AND json_type(details, '$.verdicts') = 'array'"
        each = "(SELECT value FROM json_each(details, '$.verdicts') WHERE type = 'object')"
    else:
        known = "jsonb_typeof(details) = 'object' AND jsonb_typeof(details -> 'verdicts') = 'array'"
        each = "jsonb_array_elements(details -> 'verdicts') AS each (value)"
    flags = f"EXISTS (SELECT 1 FROM {each} WHERE value ->> 'severity' = 'flags' AND value ->> 'name' IN"
    cases = " ".join(
        f"WHEN {flags} ({', '.join(map(_quoted, names))})) THEN {_quoted(grade)}" for grade, names in GRADES.items()
    )
    return f"CASE WHEN {known} THEN CASE {cases} ELSE 'clean' END END"


def _quoted(text):
    return "NULL" if text is None else f"'{text}'"


def _vacuum(db):
    """Free the space of what was rewritten, so that the table hardly grows."""
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql("VACUUM result")


def down(migrator, db):
    with db.atomic():
        migrator.migrate(migrator.drop_column("result", "grade"))
