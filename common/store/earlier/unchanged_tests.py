"""Reads of earlier and later tests that were measured under the same conditions as a test.

They show how far sessions lie apart although nothing was changed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from peewee import JOIN

from common.catalogue.effort import REPETITIONS
from common.catalogue.test_type import Point
from common.records.conditions import Conditions
from common.records.test_metrics import TestMetrics, whole
from common.stats.comparing.session_spread import SessionMedian
from common.stats.distribution import Distributions
from common.store.database import database
from common.store.earlier.kept_values import Kept
from common.store.earlier.samples import TestSamples
from common.store.reads.foreign_sessions import foreign_sql
from common.store.tables import Hardware, Result, Session, Status, Test
from common.values.free_json import Json

MAX_CANDIDATES = 40
"""Tests before a test, and after it, whose options are read."""
MAX_UNCHANGED = 20
"""Unchanged tests that are read, the nearest in time. With more, the spread is hardly known better."""
MAX_KEPT = 5000
"""Tests whose medians are kept in memory, at some two kilobytes each."""

Medians = Mapping[str, SessionMedian]
"""By metric. A censored one is left out."""


@dataclass(frozen=True)
class UnchangedTest:
    """A completed test of another session, with the medians of its metrics by point."""

    session_id: str
    finished_at: datetime
    conditions: Conditions
    points: tuple[tuple[Point, Medians], ...]

    def at(self, point: Point) -> Medians:
        """Return the medians at a point, empty if the test does not have it."""
        return next((found for known, found in self.points if known == point), {})


class Key(NamedTuple):
    """A completed test, which does not change any more."""

    session_id: str
    id: int
    finished_at: datetime


class Candidate(NamedTuple):
    """A test of the same model, type and host, with its measured options. `inventory` is the key of its machine."""

    key: Key
    options: Mapping[str, object]
    inventory: str | None


_kept: Kept[Key, UnchangedTest] = Kept(MAX_KEPT)
"""Tests that were read before."""
_fingerprints: dict[str, str] = {}
"""Fingerprints of machines by the keys of their inventories, which never change."""


def unchanged(test: TestSamples, conditions: Conditions) -> list[UnchangedTest]:
    """Return completed tests of other sessions with the same options and conditions, the nearest in time."""
    if test.finished_at is None:
        return []
    own = measured_options(test.options)
    moment = test.finished_at
    candidates = [one for one in _nearest(test, moment) if one.options == own]
    machines = _machines({one.inventory for one in candidates if one.inventory})
    alike = [one.key for one in candidates if machines.get(one.inventory or "") == conditions.fingerprint]
    nearest = sorted(alike, key=lambda key: abs(key.finished_at - moment))[:MAX_UNCHANGED]
    found = _kept.of(nearest, _read)
    return [found[key] for key in nearest if key in found and found[key].conditions == conditions]


def _machines(inventories: set[str]) -> Mapping[str, str]:
    """Return the fingerprints of at least these inventories."""
    if unknown := inventories - _fingerprints.keys():
        found = Hardware.select(Hardware.digest, Hardware.fingerprint).where(Hardware.digest.in_(unknown))
        _fingerprints.update(cast("Iterable[tuple[str, str]]", found.tuples()))
    return _fingerprints


HALF = """
SELECT * FROM (
    SELECT session_id, id, finished_at, options, inventory FROM test
    WHERE status = {p} AND test_type = {p} AND model = {p} AND host = {p} AND finished_at {when} {p}
    AND session_id <> {p} AND session_id NOT IN ({foreign}) ORDER BY finished_at {order} LIMIT {limit}
) AS {name}
"""
"""Written by hand, because peewee takes longer to write it than a database to run it, for each test of a comparison."""


def _nearest(test: TestSamples, moment: datetime) -> list[Candidate]:
    """Return the tests of the same model, type and host just before and after a test."""
    foreign, of_foreign = foreign_sql()
    known = {"p": database.param, "foreign": foreign, "limit": MAX_CANDIDATES}
    before = HALF.format(when="<=", order="DESC", name="earlier", **known)
    after = HALF.format(when=">", order="ASC", name="later", **known)
    of_one = (Status.COMPLETED.value, test.test_type, test.model, test.host)
    values = (*of_one, Test.finished_at.db_value(moment), test.session_id, *of_foreign)
    cursor = database.execute_sql(f"{before} UNION ALL {after}", [*values, *values])
    return [_candidate(*row) for row in cast("Iterable[tuple[Any, ...]]", cursor.fetchall())]


def _candidate(session: str, test: int, finished_at: object, options: object, inventory: str | None) -> Candidate:
    return Candidate(Key(session, test, _time(finished_at)), _options(options), inventory)


@lru_cache(maxsize=MAX_KEPT)
def _time(stored: object) -> datetime:
    """Return the time of a test, which is near many tests of a comparison, but parsed once."""
    return cast("datetime", Test.finished_at.python_value(stored))


def _options(stored: object) -> Mapping[str, object]:
    """Return the measured options of a test. Most tests of a model have the same, which are parsed once."""
    return _parsed(stored) if isinstance(stored, str) else _read_options(stored)


def _read_options(stored: object) -> Mapping[str, object]:
    known: Json = Test.options.python_value(stored)  # type: ignore[no-untyped-call] # peewee has no types for it
    return measured_options(known)


_parsed = lru_cache(maxsize=1000)(_read_options)


def _read(keys: Sequence[Key]) -> Iterator[tuple[Key, UnchangedTest]]:
    columns = (Test.session, Test.id, Test.finished_at, Test.model, Test.host)
    of_session = (Session.models, Session.ollama_version, Hardware.fingerprint)
    of_result = (Result.metrics, Result.software, Result.statistics, Result.details)
    joined = Test.select(*columns, *of_session, *of_result).join(Session).join(Hardware, JOIN.LEFT_OUTER)
    query = joined.switch(Test).join(Result).where(Test.id.in_([key.id for key in keys]))
    for row in cast("Iterable[tuple[Any, ...]]", query.tuples()):
        key = Key(*row[:3])
        yield key, _unchanged(key, *row[3:])


def _unchanged(key: Key, *row: Any) -> UnchangedTest:  # noqa: ANN401 - the columns of the query
    model, host, models, version, fingerprint, *columns = row
    metrics = TestMetrics.parse(whole(*columns))
    conditions = Conditions.of(
        model,
        host,
        submitted=models,
        ollama_version=version,
        fingerprint=fingerprint,
        software=metrics.software,
    )
    return UnchangedTest(key.session_id, key.finished_at, conditions, _points(metrics))


def measured_options(options: Mapping[str, object]) -> dict[str, object]:
    """Return the options that say what is measured, without those that say how often."""
    return {name: value for name, value in options.items() if name not in REPETITIONS}


def _points(metrics: TestMetrics) -> tuple[tuple[Point, Medians], ...]:
    """Return the medians by point. Those of a test of one point are at its main point."""
    several = tuple((each["point"], _medians(each["statistics"])) for each in metrics.points)
    return (*several, (metrics.main_point, _medians(metrics.statistics)))


def _medians(distributions: Distributions) -> Medians:
    found = {name: SessionMedian.of(each) for name, each in distributions.items()}
    return {name: median for name, median in found.items() if median}
