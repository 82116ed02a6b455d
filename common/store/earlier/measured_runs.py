"""Reads of the runs of many tests at once, with their metrics alone."""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import itemgetter
from typing import cast

from peewee import SqliteDatabase

from common.catalogue.test_type import Point
from common.records.runs import Metrics
from common.stats.censored import CENSORED
from common.store.database import database
from common.store.fields import loads, part
from common.store.tables import Run

MeasuredRun = tuple[int, Point, int, Metrics]
"""A run's id, conditions, repetition and metrics."""

RUNS = """
SELECT test_id, {join}('[' || id || ',' || conditions || ',' || repetition || ',' || CAST(metrics AS TEXT) || ']', ',')
FROM run WHERE test_id IN ({tests}) GROUP BY test_id
"""
"""The runs of each test as JSON. Reading them row by row takes many times longer."""


def runs(tests: Sequence[int], censored: Iterable[int]) -> dict[int, list[MeasuredRun]]:
    """Return the runs of each test that has any, in the order in which they were measured.

    In the runs of the tests `censored`, metrics that are only known to be larger than all others are infinite.
    """
    join = "GROUP_CONCAT" if isinstance(database.obj, SqliteDatabase) else "STRING_AGG"
    query = RUNS.format(join=join, tests=", ".join([database.param] * len(tests)))
    rows = cast("Iterable[tuple[int, str]]", database.execute_sql(query, tests).fetchall() if tests else ())
    found: dict[int, list[MeasuredRun]] = {test: sorted(loads(f"[{text}]"), key=itemgetter(0)) for test, text in rows}
    names = _censored([test for test in censored if test in found])
    for run, _, _, metrics in chain(*found.values()) if names else ():
        metrics.update(dict.fromkeys(names.get(run, ()), CENSORED))
    return found


def _censored(tests: Sequence[int]) -> dict[int, list[str]]:
    """Return the metrics of each run of these tests that are only known to be larger than all others."""
    if not tests:
        return {}
    found = Run.select(Run.id, part(Run.record, "censored")).where(Run.test.in_(tests))
    return {run: names for run, names in cast("Iterable[tuple[int, list[str] | None]]", found.tuples()) if names}
