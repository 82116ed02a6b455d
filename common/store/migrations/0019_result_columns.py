"""Spread the metrics of tests over columns by who reads them, a batch at a time.

Lists read the headline metrics, histories one of the statistics and the software. A database that reads one part of a
large JSON value unpacks the whole of it. Metrics that are not a JSON object stay as they are.

Each batch is a transaction: a process that is killed has spread some, and the next one continues.
"""
import logging
import time

from peewee import *

BATCH = 500
BATCHES_BETWEEN_VACUUMS = 100
SECONDS_BETWEEN_LINES = 5
DETAILS = ("points", "verdicts", "runs", "phases", "peaks", "readings", "clock")
COLUMNS = ("software", "statistics", "details")

atomic = False
logger = logging.getLogger(__name__)


def up(migrator, db):
    kind = "TEXT" if isinstance(db, SqliteDatabase) else "JSONB"
    with db.atomic():
        for name in sorted(set(COLUMNS) - {column.name for column in db.get_columns("result")}, key=COLUMNS.index):
            db.execute_sql(f"ALTER TABLE result ADD COLUMN {name} {kind}")
    (last,) = db.execute_sql("SELECT MAX(test_id) FROM result").fetchone()
    shown = time.monotonic()
    for number, start in enumerate(range(0, (last or 0) + 1, BATCH), start=1):
        db.execute_sql(_spread(db, f"test_id >= {start} AND test_id < {start + BATCH} AND details IS NULL"))
        if time.monotonic() - shown > SECONDS_BETWEEN_LINES:
            shown = time.monotonic()
            logger.info("spreading the metrics of tests over columns: %d %%", 100 * start // last)
        if number % BATCHES_BETWEEN_VACUUMS == 0:
            _vacuum(db)
    _vacuum(db)


def _spread(db, those):
    return (_in_sqlite if isinstance(db, SqliteDatabase) else _in_postgresql)(those)


def _in_sqlite(those):
    moved = ", ".join(f"'$.{name}'" for name in ("software", "statistics", *DETAILS))
    details = ", ".join(f"'{name}', metrics -> '$.{name}'" for name in DETAILS)
    return (
        f"UPDATE result SET metrics = json_remove(metrics, {moved}), software = NULLIF(metrics -> '$.software', 'null'),"
        f" statistics = metrics -> '$.statistics', details = json_object({details})"
        f" WHERE {those} AND json_valid(metrics) AND json_type(metrics) = 'object'"
    )


def _in_postgresql(those):
    moved = ", ".join(f"'{name}'" for name in ("software", "statistics", *DETAILS))
    details = ", ".join(f"'{name}'" for name in DETAILS)
    chosen = f"SELECT jsonb_object_agg(key, value) FROM jsonb_each(metrics) WHERE key IN ({details})"
    return (
        f"UPDATE result SET metrics = metrics - ARRAY[{moved}], software = NULLIF(metrics -> 'software', 'null'),"
        f" statistics = metrics -> 'statistics', details = COALESCE(({chosen}), '{{}}')"
        f" WHERE {those} AND jsonb_typeof(metrics) = 'object'"
    )


def _vacuum(db):
    """Free the space of what was rewritten, so that the table hardly grows."""
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql("VACUUM result")


def down(migrator, db):
    parts = {"software": "software", "statistics": "statistics", **{name: f"details -> '{name}'" for name in DETAILS}}
    if isinstance(db, SqliteDatabase):
        added = ", ".join(f"'$.{name}', json({part})" for name, part in parts.items())
        whole = f"json_set(metrics, {added})"
    else:
        added = ", ".join(f"'{name}', {part}" for name, part in parts.items())
        whole = f"metrics || jsonb_build_object({added})"
    with db.atomic():
        db.execute_sql(f"UPDATE result SET metrics = {whole} WHERE details IS NOT NULL")
        for name in COLUMNS:
            migrator.migrate(migrator.drop_column("result", name))
