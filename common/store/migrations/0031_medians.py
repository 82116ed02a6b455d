"""Store the medians of each completed test by metric, which comparisons read, a batch at a time.

Metrics that cannot be read have none. Each batch is a transaction: a process that is killed has stored some, and the
next one continues.
"""
import logging
import time

import orjson
from peewee import *

BATCH = 500
SECONDS_BETWEEN_LINES = 5

atomic = False
logger = logging.getLogger(__name__)


def up(migrator, db):
    kind = "TEXT" if isinstance(db, SqliteDatabase) else "JSONB"
    reference = "INTEGER NOT NULL PRIMARY KEY REFERENCES test (id) ON DELETE CASCADE"
    db.execute_sql(f"CREATE TABLE IF NOT EXISTS medians (test_id {reference}, medians {kind} NOT NULL)")
    (stored,) = db.execute_sql("SELECT MAX(test_id) FROM medians").fetchone()
    (last,) = db.execute_sql("SELECT MAX(test_id) FROM result").fetchone()
    shown = time.monotonic()
    for start in range((stored or 0) + 1, (last or 0) + 1, BATCH):
        with db.atomic():
            _store(db, f"test_id >= {start} AND test_id < {start + BATCH}")
        if time.monotonic() - shown > SECONDS_BETWEEN_LINES:
            shown = time.monotonic()
            logger.info("storing the medians of tests: %d %%", 100 * start // last)


def _store(db, those):
    rows = db.execute_sql(f"SELECT test_id, metrics, statistics, details FROM result WHERE {those}").fetchall()
    found = [(test, medians) for test, *columns in rows if (medians := _medians(columns)) is not None]
    if found:
        places = ", ".join([f"({db.param}, {db.param})"] * len(found))
        values = [value for test, medians in found for value in (test, orjson.dumps(medians).decode())]
        db.execute_sql(f"INSERT INTO medians (test_id, medians) VALUES {places}", values)


def _medians(columns):
    """Return by metric [point, median, runs, low, high, censored] for each point, None if they cannot be read."""
    try:
        metrics, statistics, details = map(_object, columns)
        main = _object(metrics.get("headline")).get("point") or {}
        points = [(each["point"], each["statistics"]) for each in details.get("points") or []]
        if main not in [point for point, _ in points]:
            points.append((main, statistics))
        found = {}
        for point, distributions in points:
            for name, each in distributions.items():
                bounds = each["ci95"] or (None, None)
                runs = each.get("runs", each["n"])
                found.setdefault(name, []).append([point, each["value"], runs, *bounds, each.get("censored", 0)])
    except (ValueError, TypeError, KeyError, AttributeError):  # written by hand, or half of it lost
        return None
    return found


def _object(stored):
    found = orjson.loads(stored) if isinstance(stored, str) else stored
    return {} if found is None else found


def down(migrator, db):
    db.execute_sql("DROP TABLE medians")
