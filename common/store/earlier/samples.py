"""Reads of sessions to compare, with one value per run."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import cast

from peewee import JOIN, Expression

from common.catalogue.points import in_order
from common.catalogue.test_type import Point
from common.records.runs import Metrics, SoftwareRecord
from common.records.test_metrics import TestMetrics
from common.stats.censored import CENSORED
from common.stats.distribution import Distribution, Distributions
from common.store.connections.snapshot import snapshot
from common.store.earlier.kept_values import Kept
from common.store.fields import part
from common.store.reads import sessions as stored_sessions
from common.store.tables import Hardware, Result, Run, Session, Status, Test
from common.values.free_json import Json

MAX_KEPT = 500
"""Tests that are kept in memory, at some ten kilobytes each."""

Samples = Mapping[str, Mapping[int, float]]
"""By metric and repetition, the value of each run, infinite if it is censored. Equal repetitions are one block."""
RunValues = tuple[Point, int, Metrics]
"""The conditions of a run, its repetition and its metrics."""


@dataclass(frozen=True)
class TestSamples:
    """One model under one test type in one session, with one value per run.

    `points` are the conditions of its runs, each with its `samples`. `main` is the number of the point that represents
    the test. All are empty until it has completed. `software` is what it was measured with, None if unknown. Its points
    were measured `in_blocks`, unless an earlier release measured one after the other. If its runs were `pruned`, it has
    no `samples`, and `stored` has what is left at each point.
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
    headline: str | None = None
    main: int = 0
    points: list[Point] = field(default_factory=list)
    samples: list[Samples] = field(default_factory=list)
    software: SoftwareRecord | None = None
    in_blocks: bool = False
    stored: list[Distributions] = field(default_factory=list)
    grade: str | None = None
    pruned: bool = False

    def at(self, point: Point, metric: str) -> Mapping[int, float]:
        """Return the values of a metric at a point by repetition, empty if there are none."""
        return self.samples[self.points.index(point)].get(metric, {}) if point in self.points and self.samples else {}

    def stored_at(self, point: Point, metric: str) -> Distribution | None:
        """Return the stored distribution of a metric at a point whose runs were deleted."""
        return self.stored[self.points.index(point)].get(metric) if point in self.points and self.stored else None

    @property
    def main_metrics(self) -> set[str]:
        """The names of the metrics at the main point."""
        return {name for of_point in (self.samples or self.stored)[self.main : self.main + 1] for name in of_point}


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
    query = Test.select(*outlines, Test.finished_at, Session.id, Session.pruned_at).join(Session)
    with snapshot():  # runs that are pruned meanwhile are all there
        tests = list(query.where(wanted).order_by(Test.position))
        completed = {_key(test): test for test in tests if test.status == Status.COMPLETED}
        found = _kept.of(completed, lambda new: _read([completed[key] for key in new]))
    return [found.get(_key(test)) or _outline(test) for test in tests]


_Key = tuple[str, int, datetime | None, datetime | None]
_kept: Kept[_Key, TestSamples] = Kept(MAX_KEPT)
"""Completed tests that were read before. They do not change until they are pruned, and reading them is slow."""


def _key(test: Test) -> _Key:
    return test.session_id, test.id, test.finished_at, test.session.pruned_at


def _read(tests: Sequence[Test]) -> Iterator[tuple[_Key, TestSamples]]:
    ids = [test.id for test in tests]
    metrics = stored_sessions.metrics(ids)
    graded = Result.select(Result.test, Result.grade).where(Result.test.in_(ids)).tuples()
    grades = dict(cast("Iterable[tuple[int, str | None]]", graded))
    censored = _censored([test for test in ids if _has_censored(metrics[test])])
    columns = (Run.id, Run.test, Run.conditions, Run.repetition, Run.metrics)
    runs = Run.select(*columns).where(Run.test.in_(ids)).order_by(Run.id)
    by_test: defaultdict[int, list[RunValues]] = defaultdict(list)
    for run, test_id, conditions, repetition, found in cast(
        "Iterable[tuple[int, int, Point, int, Metrics]]", runs.tuples()
    ):
        values = {**found, **dict.fromkeys(censored.get(run, ()), CENSORED)}
        by_test[test_id].append((conditions, repetition, values))
    for test in tests:
        yield _key(test), _with_samples(test, metrics[test.id], by_test[test.id], grades[test.id])


def _censored(tests: Sequence[int]) -> dict[int, list[str]]:
    """Return the metrics of each run of these tests that are only known to be larger than all others."""
    found = Run.select(Run.id, part(Run.record, "censored")).where(Run.test.in_(tests))
    return {run: names for run, names in cast("Iterable[tuple[int, list[str] | None]]", found.tuples()) if names}


def _has_censored(metrics: TestMetrics) -> bool:
    of_points = [metrics.statistics, *(point["statistics"] for point in metrics.points)]
    return any(found.get("censored") for statistics in of_points for found in statistics.values())


def _outline(test: Test) -> TestSamples:
    return TestSamples(
        id=test.id,
        session_id=test.session_id,
        host=test.host,
        model=test.model,
        test_type=test.test_type,
        status=test.status,
        message=test.message,
        options=test.options,
        finished_at=test.finished_at,
        pruned=test.session.pruned_at is not None,
    )


def _with_samples(test: Test, metrics: TestMetrics, runs: Sequence[RunValues], grade: str | None) -> TestSamples:
    if not runs:
        return _without_runs(test, metrics, grade)
    distinct = {str(conditions): conditions for conditions, _, _ in runs}
    points = in_order(distinct.values(), test.test_type, test.options)
    by_point = [[of_run for of_run in runs if of_run[0] == point] for point in points]
    main = metrics.main_point
    return replace(
        _outline(test),
        headline=metrics.headline["name"] if metrics.headline else None,
        main=points.index(main) if main in points else 0,
        points=as_measured(points, metrics),
        samples=[_by_metric(of_point) for of_point in by_point],
        software=metrics.software,
        grade=grade,
        in_blocks=all(before <= after for (_, before, _), (_, after, _) in pairwise(runs)),
    )


def _without_runs(test: Test, metrics: TestMetrics, grade: str | None) -> TestSamples:
    """Return what is left of a test whose runs were deleted."""
    several = [(each["point"], each["statistics"]) for each in metrics.points]
    points = several or [(metrics.main_point, metrics.statistics)]
    known = [point for point, _ in points]
    return replace(
        _outline(test),
        headline=metrics.headline["name"] if metrics.headline else None,
        main=known.index(metrics.main_point) if metrics.main_point in known else 0,
        points=known,
        stored=[found for _, found in points],
        software=metrics.software,
        grade=grade,
    )


def as_measured(points: Sequence[Point], metrics: TestMetrics) -> list[Point]:
    """Return the points with their names in the order in which the test's metrics have them."""
    known = [each["point"] for each in metrics.points]
    return [next((point for point in known if point == each), each) for each in points]


def _by_metric(runs: Sequence[RunValues]) -> Samples:
    names = dict.fromkeys(name for _, _, of_run in runs for name in of_run)
    known = {
        name: {repetition: value for _, repetition, of_run in runs if (value := of_run.get(name)) is not None}
        for name in names
    }
    return {name: values for name, values in known.items() if values}
