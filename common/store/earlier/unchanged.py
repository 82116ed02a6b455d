"""Reads of earlier and later tests that were measured under the same conditions as a test.

They show how far sessions lie apart although nothing was changed. A comparison of many sessions looks at thousands of
tests, so those near all compared tests of one type are found by one statement and read by few.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple, cast

import orjson
from peewee import JOIN, SqliteDatabase, chunked

from common.catalogue.effort import REPETITIONS
from common.catalogue.test_type import Point
from common.records.conditions import Conditions
from common.records.medians import MedianRecord, MedianRecords
from common.stats.comparing.session_spread import SessionMedian
from common.store.database import database
from common.store.earlier.kept import Kept
from common.store.earlier.samples import TestSamples
from common.store.fields import known
from common.store.reads import medians
from common.store.reads.foreign import foreign_sql
from common.store.tables import Hardware, Session, Status, Test

MAX_CANDIDATES = 40
"""Tests before a test, and after it, whose options are read."""
MAX_UNCHANGED = 20
"""Unchanged tests of which the medians are used, the nearest in time. With more, the spread is hardly known better."""
MAX_KEPT = 10_000
"""Tests that are kept in memory, at one to three kilobytes each."""
AT_ONCE = 100
"""Compared tests whose neighbours are found by one statement."""
READ_AT_ONCE = 500

Pair = tuple[int, str]
"""The ids of a test and of its session. A test's id may be that of one that was deleted."""


class Key(NamedTuple):
    """A completed test, which does not change any more, with the medians of one metric, or of all if it is None."""

    id: int
    session_id: str
    metric: str | None


@dataclass(frozen=True)
class UnchangedTest:
    """A completed test of another session, with its measured options and its medians."""

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
        return next((found for known_point, found in self._made[metric] if known_point == point), None)


def _medians(records: Iterable[MedianRecord]) -> Iterator[tuple[Point, SessionMedian]]:
    for point, value, runs, low, high, _ in records:
        if value is not None:
            yield point, SessionMedian(value, runs, None if low is None or high is None else (low, high))


_kept: Kept[Key, UnchangedTest] = Kept(MAX_KEPT)
"""Tests that were read before."""


def unchanged(
    compared: Sequence[tuple[TestSamples, Conditions]], metric: str | None = None
) -> dict[int, list[UnchangedTest]]:
    """Return completed tests of other sessions with the same options and conditions, by the ids of compared tests.

    They are the nearest in time, with their medians of `metric`, or of all metrics.
    """
    ended = [(test, conditions) for test, conditions in compared if test.finished_at]
    near = {test.id: pairs for some in chunked(ended, AT_ONCE) for test, pairs in _near([test for test, _ in some])}
    found = _kept.of((Key(*pair, metric) for pair in {*chain(*near.values())}), _read)
    tests = {(key.id, key.session_id): test for key, test in found.items()}
    return {
        test.id: _alike(test, conditions, [tests[pair] for pair in near[test.id] if pair in tests])
        for test, conditions in ended
    }


def _alike(test: TestSamples, conditions: Conditions, near: Iterable[UnchangedTest]) -> list[UnchangedTest]:
    own, moment, machine = measured_options(test.options), cast("datetime", test.finished_at), conditions.fingerprint
    alike = [each for each in near if each.conditions.fingerprint == machine and each.options == own]
    nearest = sorted(alike, key=lambda each: abs(each.finished_at - moment))[:MAX_UNCHANGED]
    return [each for each in nearest if each.conditions == conditions]


def measured_options(options: Mapping[str, object]) -> dict[str, object]:
    """Return the options that say what is measured, without those that say how often."""
    return {name: value for name, value in options.items() if name not in REPETITIONS}


NEAR = """
WITH excluded(id) AS ({excluded}), compared(number, test_type, model, host, moment, session_id) AS (VALUES {compared})
SELECT number, ({earlier}), ({later}) FROM compared
"""
HALF = """
SELECT {pairs} FROM (
    SELECT id, session_id FROM test
    WHERE status = {p} AND test_type = compared.test_type AND model = compared.model AND host = compared.host
    AND finished_at {when} compared.moment AND session_id <> compared.session_id
    AND session_id NOT IN (SELECT id FROM excluded) ORDER BY finished_at {order} LIMIT {limit}
) AS near
"""
"""The tests of the same model, type and host just before or after each compared test, as a list of pairs in JSON."""
PAIRS = {True: "json_group_array(json_array(id, session_id))", False: "json_agg(json_build_array(id, session_id))"}
"""In SQLite, and in PostgreSQL."""


def _near(tests: Sequence[TestSamples]) -> Iterator[tuple[TestSamples, list[Pair]]]:
    """Yield each test with those just before and after it."""
    p, (excluded, of_excluded) = database.param, foreign_sql()
    half = {"p": p, "pairs": PAIRS[_is_sqlite()], "limit": MAX_CANDIDATES}
    query = NEAR.format(
        excluded=excluded,
        compared=", ".join([f"({', '.join([p] * 6)})"] * len(tests)),
        earlier=HALF.format(when="<=", order="DESC", **half),
        later=HALF.format(when=">", order="ASC", **half),
    )
    asked = [value for number, test in enumerate(tests) for value in (number, *_place(test))]
    rows = database.execute_sql(query, [*of_excluded, *asked, *[Status.COMPLETED.value] * 2]).fetchall()
    for number, earlier, later in cast("Iterable[tuple[int, object, object]]", rows):
        yield tests[number], [(test, session) for test, session in (*_json(earlier), *_json(later))]


def _place(test: TestSamples) -> tuple[object, ...]:
    moment = Test.finished_at.db_value(test.finished_at)
    return test.test_type, test.model, test.host, moment, test.session_id


def _is_sqlite() -> bool:
    return isinstance(database.obj, SqliteDatabase)


def _json(stored: object) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON that a driver has read or not."""
    return orjson.loads(stored) if isinstance(stored, str) else stored or []


ROWS = """
SELECT test.id, test.session_id, finished_at, CAST(options AS TEXT), model, host, CAST(software AS TEXT),
    medians.test_id, CAST({medians} AS TEXT)
FROM test JOIN result ON result.test_id = test.id LEFT JOIN medians ON medians.test_id = test.id
WHERE test.id IN ({ids})
"""
"""JSON as text: most tests of a model have the same options and software, which are parsed once."""
PART = {
    True: "CASE WHEN json_valid(medians.medians) THEN medians.medians -> {p} END",
    False: "medians.medians -> CAST({p} AS TEXT)",
}


def _read(keys: Sequence[Key]) -> Iterator[tuple[Key, UnchangedTest]]:
    sessions = dict(_sessions({key.session_id for key in keys}))
    metric, p = keys[0].metric, database.param
    column = "medians.medians" if metric is None else PART[_is_sqlite()].format(p=p)
    for some in chunked(keys, READ_AT_ONCE):
        ids = [key.id for key in some]
        query = ROWS.format(medians=column, ids=", ".join([p] * len(ids)))
        rows = database.execute_sql(query, [*([] if metric is None else [metric]), *ids]).fetchall()
        unknown = medians.computed(row[0] for row in rows if row[-2] is None)
        for test, session, *others in rows:
            if session in sessions:
                found = _unchanged(sessions[session], session, others, metric, unknown.get(test))
                yield Key(test, session, metric), found


class _SessionFacts(NamedTuple):
    """What the tests of a session were measured with, unless they know better: digests are by model."""

    digests: Mapping[str, str | None]
    ollama_version: str | None
    fingerprint: str | None


def _sessions(ids: Iterable[str]) -> Iterator[tuple[str, _SessionFacts]]:
    query = Session.select(Session.id, Session.models, Session.ollama_version, Hardware.fingerprint)
    for some in chunked(ids, READ_AT_ONCE):
        rows = query.join(Hardware, JOIN.LEFT_OUTER).where(Session.id.in_(some)).tuples()
        for session, models, version, fingerprint in cast("Iterable[tuple[Any, ...]]", rows):
            digests = {known["name"]: known.get("digest") for known in reversed(models)}
            yield session, _SessionFacts(digests, version, fingerprint)


def _unchanged(
    of_session: _SessionFacts,
    session: str,
    row: Sequence[Any],
    metric: str | None,
    computed: MedianRecords | None,
) -> UnchangedTest:
    finished_at, options, model, host, software, _, stored = row
    found = _json(stored)
    records = {metric: found} if metric else found
    digests, version, fingerprint = of_session
    conditions = _conditions(model, host, digests.get(model), version, fingerprint, software)
    ended = datetime.fromisoformat(finished_at) if isinstance(finished_at, str) else finished_at
    return UnchangedTest(session, ended, _options(options), conditions, records if computed is None else computed)


@lru_cache(maxsize=1000)
def _options(stored: str) -> Mapping[str, object]:
    return measured_options(known(orjson.loads(stored)))


@lru_cache(maxsize=1000)
def _conditions(  # noqa: PLR0913, PLR0917 - what a session and a test know of them
    model: str, host: str, digest: str | None, version: str | None, fingerprint: str | None, software: str | None
) -> Conditions:
    return Conditions.of(
        model,
        host,
        submitted=[{"name": model, "digest": digest}],
        ollama_version=version,
        fingerprint=fingerprint,
        software=_json(software) or None,
    )
