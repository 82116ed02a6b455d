"""Reads of sessions to compare, with one value per run."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple, cast

from peewee import JOIN, Expression

from common.catalogue.points import in_order
from common.catalogue.test_type import Point
from common.records.medians import MedianRecords
from common.records.runs import Metrics, SoftwareRecord
from common.records.test_metrics import Headline, TestMetrics
from common.stats.distribution import Distribution, Distributions
from common.store.connections.snapshot import snapshot
from common.store.earlier import measured_runs
from common.store.earlier.kept_values import Kept
from common.store.earlier.measured_runs import MeasuredRun
from common.store.fields import known, part
from common.store.reads import medians
from common.store.reads import sessions as stored_sessions
from common.store.search_tables import Medians
from common.store.tables import Hardware, Result, Session, Status, Test
from common.values.free_json import Json

MAX_KEPT = 1500
"""Tests that are kept in memory, at some ten kilobytes each."""

RunValues = tuple[int, Metrics]
"""The repetition of a run, and its metrics, infinite if they are censored. Equal repetitions are one block."""
Values = Mapping[int, float]
"""The value of one metric in each run, by repetition."""


@dataclass(frozen=True)
class TestSamples:
    """One model under one test type in one session, with one value per run.

    `points` are the conditions of its runs, each with its `runs`. `main` is the number of the point that represents
    the test. All are empty until it has completed. `software` is what it was measured with, None if unknown. Its points
    were measured `in_blocks`, unless an earlier release measured one after the other. If its runs were `pruned`, it has
    no `runs`, and `stored` has what is left at each point.
    """

    id: int
    session_id: str
    host: str
    model: str
    test_type: str
    status: str
    message: str | None
    options: Json
    finished_at: datetime | None
    pruned: bool
    headline: str | None = None
    main: int = 0
    points: Sequence[Point] = ()
    runs: Sequence[Sequence[RunValues]] = ()
    software: SoftwareRecord | None = None
    in_blocks: bool = False
    stored: Sequence[Distributions] = ()
    grade: str | None = None
    _found: dict[tuple[int, str], Values] = field(default_factory=dict, repr=False, compare=False)

    def at(self, point: Point, metric: str) -> Values:
        """Return the values of a metric at a point by repetition, empty if there are none."""
        if point not in self.points or not self.runs:
            return {}
        key = self.points.index(point), metric
        if key not in self._found:
            values = ((repetition, of_run.get(metric)) for repetition, of_run in self.runs[key[0]])
            self._found[key] = {repetition: value for repetition, value in values if value is not None}
        return self._found[key]

    def stored_at(self, point: Point, metric: str) -> Distribution | None:
        """Return the stored distribution of a metric at a point whose runs were deleted."""
        return self.stored[self.points.index(point)].get(metric) if point in self.points and self.stored else None

    @property
    def main_metrics(self) -> set[str]:
        """The names of the metrics at the main point."""
        if self.stored:
            return set(self.stored[self.main])
        runs = [of_run for _, of_run in self.runs[self.main]] if self.runs else []
        return {name for of_run in runs for name, value in of_run.items() if value is not None}


def sessions(ids: Collection[str]) -> list[Session]:
    """Return the sessions of these ids that exist, oldest first, each with its hardware."""
    found = Session.select(Session, Hardware).join(Hardware, JOIN.LEFT_OUTER).where(Session.id.in_(list(ids)))
    return list(found.order_by(Session.created_at, Session.id))


def samples(ids: Sequence[str]) -> list[TestSamples]:
    """Return all tests of the sessions in the order of their positions."""
    return _samples(Test.session.in_(list(ids)))


def of_tests(ids: Iterable[int]) -> list[TestSamples]:
    """Return these tests in the order of their positions."""
    return _samples(Test.id.in_(list(ids)))


def _samples(wanted: Expression) -> list[TestSamples]:
    outlines = (Test.id, Test.session, Test.host, Test.model, Test.test_type, Test.status, Test.message, Test.options)
    pruned = Session.pruned_at.is_null(is_null=False).converter(bool)
    query = Test.select(*outlines, Test.finished_at, pruned).join(Session)
    with snapshot():  # runs that are pruned meanwhile are all there
        rows = query.where(wanted).order_by(Test.position).tuples()
        tests = [TestSamples(*row) for row in cast("Iterable[tuple[Any, ...]]", rows)]
        completed = {_key(test): test for test in tests if test.status == Status.COMPLETED}
        found = _kept.of(completed, lambda new: _read([completed[key] for key in new]))
    return [found.get(_key(test), test) for test in tests]


_Key = tuple[str, int, datetime | None, bool]
_kept: Kept[_Key, TestSamples] = Kept(MAX_KEPT)
"""Completed tests that were read before. They do not change until they are pruned, and reading them takes time."""


def _key(test: TestSamples) -> _Key:
    return test.session_id, test.id, test.finished_at, test.pruned


class _Result(NamedTuple):
    """What is read of the result of a test. `points` have their names in the order of its metrics."""

    headline: Headline | None
    software: SoftwareRecord | None
    grade: str | None
    points: Sequence[Point]
    has_censored: bool

    @classmethod
    def of(cls, headline: object, software: Any, grade: str | None, medians: MedianRecords) -> "_Result":  # noqa: ANN401 - stored
        records = [record for of_metric in medians.values() for record in of_metric]
        points = [record[0] for record in records]
        return cls(
            cast("Headline", headline) if known(headline) else None,
            software,
            grade,
            points if any(point != points[0] for point in points) else [],
            any(record[-1] for record in records),
        )

    @property
    def main(self) -> Point:
        return self.headline["point"] if self.headline else {}


def _read(tests: Sequence[TestSamples]) -> Iterator[tuple[_Key, TestSamples]]:
    ids = [test.id for test in tests]
    results = _results(ids)
    runs = measured_runs.runs(ids, (test for test, result in results.items() if result.has_censored))
    left = stored_sessions.metrics(set(ids) - runs.keys())
    for test in tests:
        result = results[test.id]
        own = _measured(test, result, runs[test.id]) if test.id in runs else _left(left[test.id])
        headline = result.headline["name"] if result.headline else None
        yield _key(test), replace(test, headline=headline, software=result.software, grade=result.grade, **own)


def _results(tests: Sequence[int]) -> dict[int, _Result]:
    columns = (Result.test, part(Result.metrics, "headline"), Result.software, Result.grade, Medians.medians)
    query = Result.select(*columns).join(Medians, JOIN.LEFT_OUTER, on=Medians.test == Result.test)
    rows = list(cast("Iterable[tuple[Any, ...]]", query.where(Result.test.in_(tests)).tuples()))
    computed = medians.computed(test for test, *_, stored in rows if stored is None)
    return {
        test: _Result.of(headline, software, grade, computed.get(test, stored))
        for test, headline, software, grade, stored in rows
    }


def _measured(test: TestSamples, result: _Result, runs: Sequence[MeasuredRun]) -> Json:
    by_point: dict[tuple[object, ...], tuple[Point, list[RunValues]]] = {}
    for _, conditions, repetition, metrics in runs:
        by_point.setdefault((*conditions.items(),), (conditions, []))[1].append((repetition, metrics))
    points = in_order([point for point, _ in by_point.values()], test.test_type, test.options)
    return {
        "main": points.index(result.main) if result.main in points else 0,
        "points": as_measured(points, result.points),
        "runs": [by_point[*point.items(),][1] for point in points],
        "in_blocks": all(before <= after for (_, _, before, _), (_, _, after, _) in pairwise(runs)),
    }


def _left(metrics: TestMetrics) -> Json:
    """Return what is left of a test whose runs were deleted."""
    several = [(each["point"], each["statistics"]) for each in metrics.points]
    points = several or [(metrics.main_point, metrics.statistics)]
    found = [point for point, _ in points]
    main = found.index(metrics.main_point) if metrics.main_point in found else 0
    return {"main": main, "points": found, "stored": [statistics for _, statistics in points]}


def as_measured(points: Sequence[Point], named: Sequence[Point]) -> list[Point]:
    """Return the points with their names in the order in which `named` have them."""
    return [next((point for point in named if point == each), each) for each in points]
