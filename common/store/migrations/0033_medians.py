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
NEAR = ("status", "test_type", "model", "host", "finished_at")
"""With the session, an index has all that finds the tests near another one."""

atomic = False
logger = logging.getLogger(__name__)


def up(migrator, db):
    kind = "TEXT" if isinstance(db, SqliteDatabase) else "JSONB"
    reference = "INTEGER NOT NULL PRIMARY KEY REFERENCES test (id) ON DELETE CASCADE"
    columns = f"options {kind} NOT NULL, headline {kind} NOT NULL, software {kind}, medians {kind} NOT NULL"
    db.execute_sql(f"CREATE TABLE IF NOT EXISTS medians (test_id {reference}, {columns})")
    (stored,) = db.execute_sql("SELECT MAX(test_id) FROM medians").fetchone()
    (last,) = db.execute_sql("SELECT MAX(test_id) FROM result").fetchone()
    shown = time.monotonic()
    for start in range((stored or 0) + 1, (last or 0) + 1, BATCH):
        with db.atomic():
            _store(db, f"test_id >= {start} AND test_id < {start + BATCH}")
        if time.monotonic() - shown > SECONDS_BETWEEN_LINES:
            shown = time.monotonic()
            logger.info("storing the medians of tests: %d %%", 100 * start // last)
    with db.atomic():
        migrator.migrate(migrator.add_index("test", (*NEAR, "session_id")))
        migrator.migrate(migrator.drop_index("test", f"test_{'_'.join(NEAR)}"))


def _store(db, those):
    text = ", ".join(f"CAST({column} AS TEXT)" for column in ("options", "software", "metrics", "statistics", "details"))
    query = f"SELECT test_id, {text} FROM result JOIN test ON test.id = test_id WHERE {those}"
    found = []
    for test, options, software, *columns in db.execute_sql(query).fetchall():
        if medians := _medians(columns):
            found += [test, options, software, *(orjson.dumps(each).decode() for each in medians)]
    if found:
        places = ", ".join([f"({', '.join([db.param] * 5)})"] * (len(found) // 5))
        db.execute_sql(f"INSERT INTO medians (test_id, options, software, headline, medians) VALUES {places}", found)


def _medians(columns):
    """Return those of the headline metric and those of all, None if they cannot be read.

    By metric, they are [point, median, runs, low, high, censored] for each point.
    """
    try:
        metrics, statistics, details = map(_object, columns)
        headline = metrics.get("headline") or {}
        main = headline.get("point") or {}
        points = [(each["point"], each["statistics"]) for each in details.get("points") or []]
        if main not in [point for point, _ in points]:
            points.append((main, statistics))
        found = {}
        for point, distributions in points:
            for name, each in distributions.items():
                low, high = each["ci95"] or (None, None)
                runs, censored = each.get("runs", each["n"]), each.get("censored", 0)
                found.setdefault(name, []).append([point, each["value"], runs, low, high, censored])
    except (ValueError, TypeError, KeyError, AttributeError):  # written by hand, or half of it lost
        return None
    return {name: each for name, each in found.items() if name == headline.get("name", "tokensPerSecond")}, found


def _object(stored):
    return {} if stored is None else orjson.loads(stored)


def down(migrator, db):
    with db.atomic():
        migrator.migrate(migrator.add_index("test", NEAR))
        migrator.migrate(migrator.drop_index("test", f"test_{'_'.join(NEAR)}_session_id"))
        db.execute_sql("DROP TABLE medians")
