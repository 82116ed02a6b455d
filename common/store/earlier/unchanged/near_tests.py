"""Reads of completed tests of one model, type and host that ended near given moments, for many of these at once.

A comparison of many sessions looks at thousands of tests, so this is what it waits for. Databases take longest to find
rows, so those that many tests have in common are found once, and each is read by its id.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple, cast

import orjson
from peewee import SqliteDatabase, chunked

from common.catalogue.effort import REPETITIONS
from common.catalogue.test_type import Point
from common.records.conditions import Conditions
from common.records.medians import MedianRecord, MedianRecords, medians
from common.records.test_metrics import TestMetrics
from common.stats.comparing.session_spread import SessionMedian
from common.store.database import database
from common.store.earlier.kept_values import Kept
from common.store.earlier.unchanged.session_facts import session_facts
from common.store.fields import known, loads
from common.store.reads.foreign_sessions import foreign_sql
from common.store.tables import Status, Test

MAX_KEPT = 10_000
"""Tests that are kept in memory, at one or two kilobytes each."""
AT_ONCE = 500
"""Rows in one query."""


@dataclass(frozen=True)
class NearTest:
    """A completed test with its measured options and its medians."""

    session_id: str
    finished_at: datetime
    options: Mapping[str, object]
    conditions: Conditions
    records: MedianRecords
    _made: dict[str, list[tuple[Point, SessionMedian]]] = field(default_factory=dict, repr=False, compare=False)

    def at(self, point: Point, metric: str) -> SessionMedian | None:
        """Return the median of a metric at a point, None if it was not measured there or is censored."""
        if metric not in self._made:
            self._made[metric] = list(_medians(self.records.get(metric, ())))
        for known_point, found in self._made[metric]:
            if known_point == point:
                return found
        return None


def _medians(records: Iterable[MedianRecord]) -> Iterator[tuple[Point, SessionMedian]]:
    for point, value, runs, low, high, _ in records:
        if value is not None:
            yield point, SessionMedian(value, runs, None if low is None or high is None else (low, high))


class TestEnd(NamedTuple):
    """The end of a test in the series of one model, test type and host."""

    test_type: str
    model: str
    host: str
    at: datetime


@dataclass(frozen=True)
class Window:
    """Tests of a series in the order of their ends, and if there are more before or after them."""

    tests: Sequence[NearTest]
    is_cut_before: bool
    is_cut_after: bool


class Key(NamedTuple):
    """A completed test, which does not change any more, with the medians of one metric, or of all if it is None.

    A test's id may be that of one that was deleted. `ended` is as the database has it.
    """

    id: int
    session_id: str
    ended: str
    metric: str | None


_kept: Kept[Key, NearTest] = Kept(MAX_KEPT)
"""Tests that were read before."""


def windows(moments: Sequence[TestEnd], earlier: int, later: int, metric: str | None) -> list[Window]:
    """Return the tests around each moment, with their medians of `metric`, or of all metrics.

    They are the nearest: at most `earlier` that ended until then, and `later` that ended after it.
    """
    halves = [both for some in chunked(moments, AT_ONCE) for both in _keys(some, earlier, later, metric)]
    places = {key: moment for moment, both in zip(moments, halves, strict=True) for half in both for key in half}
    found = _kept.of(places, lambda new: _read(new, places))
    return [
        Window(
            [found[key] for key in (*reversed(before), *after) if key in found],
            len(before) == earlier,
            len(after) == later,
        )
        for before, after in halves
    ]


KEYS = """
WITH excluded(id) AS ({excluded}), moment(number, test_type, model, host, at) AS (VALUES {moments})
SELECT number, ({earlier}), ({later}) FROM moment
"""
HALF = """
SELECT {keys} FROM (
    SELECT id, session_id, finished_at FROM test
    WHERE status = {p} AND test_type = moment.test_type AND model = moment.model AND host = moment.host
    AND finished_at {when} moment.at AND session_id NOT IN (SELECT id FROM excluded)
    ORDER BY finished_at {order} LIMIT {limit}
) AS near
"""
"""The tests of a series until a moment or after it, the nearest first, as JSON."""
AS_JSON = {
    True: "json_group_array(json_array(id, session_id, finished_at))",
    False: "json_agg(json_build_array(id, session_id, finished_at))",
}
"""In SQLite, and in PostgreSQL."""


def _keys(
    moments: Sequence[TestEnd], earlier: int, later: int, metric: str | None
) -> Iterator[tuple[list[Key], list[Key]]]:
    p, (excluded, of_excluded) = database.param, foreign_sql()
    half = {"p": p, "keys": AS_JSON[_is_sqlite()]}
    query = KEYS.format(
        excluded=excluded,
        moments=", ".join([f"({', '.join([p] * 5)})"] * len(moments)),
        earlier=HALF.format(when="<=", order="DESC", limit=earlier, **half),
        later=HALF.format(when=">", order="ASC", limit=later, **half),
    )
    asked = [
        value
        for number, (*series, at) in enumerate(moments)
        for value in (number, *series, Test.finished_at.db_value(at))
    ]
    rows = database.execute_sql(query, [*of_excluded, *asked, *[Status.COMPLETED.value] * 2]).fetchall()
    for _, *halves in sorted(cast("Iterable[tuple[int, object, object]]", rows), key=itemgetter(0)):
        before, after = ([Key(test, session, ended, metric) for test, session, ended in _json(half)] for half in halves)
        yield before, after


def _is_sqlite() -> bool:
    return isinstance(database.obj, SqliteDatabase)


def _json(stored: object) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON that a driver has read or not."""
    return orjson.loads(stored) if isinstance(stored, str) else stored or []


ROWS = """
SELECT test_id, CAST(options AS TEXT), CAST(software AS TEXT), CAST({column} AS TEXT) FROM medians
WHERE test_id IN ({ids})
"""
"""JSON as text: most tests of a model have the same options and software, which are parsed once."""


def _read(keys: Sequence[Key], places: Mapping[Key, TestEnd]) -> Iterator[tuple[Key, NearTest]]:
    metric = keys[0].metric
    facts = dict(session_facts({key.session_id for key in keys}))
    for some in chunked((key for key in keys if key.session_id in facts), AT_ONCE):
        query = ROWS.format(column="headline" if metric else "medians", ids=", ".join([database.param] * len(some)))
        rows = {test: row for test, *row in database.execute_sql(query, [key.id for key in some]).fetchall()}
        for key in some:
            options, software, records = rows.get(key.id, ("{}", None, "{}"))
            own: MedianRecords = known(loads(records))
            if key.id not in rows or (metric and metric not in own):
                options, software, own = _computed(key.id)
            conditions = facts[key.session_id].conditions(places[key].model, places[key].host, software)
            yield key, NearTest(key.session_id, _time(key.ended), _options(options), conditions, own)


def _computed(test: int) -> tuple[str, str, MedianRecords]:
    """Return what is read of a test that a worker of the release before completed, or of another headline metric."""
    stored = Test.get_by_id(test)
    metrics = TestMetrics.parse(stored.metrics or {})
    return orjson.dumps(stored.options).decode(), orjson.dumps(metrics.software).decode(), medians(metrics)


@lru_cache(maxsize=MAX_KEPT)
def _time(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


@lru_cache(maxsize=1000)
def _options(stored: str) -> Mapping[str, object]:
    return measured_options(known(loads(stored)))


def measured_options(options: Mapping[str, object]) -> dict[str, object]:
    """Return the options that say what is measured, without those that say how often."""
    return {name: value for name, value in options.items() if name not in REPETITIONS}
