"""Reads of what a session has thousands of: its runs and their log lines. Each read takes little of each, or few."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple, cast

from peewee import Expression, ModelSelect, fn

from common.catalogue.points import in_order
from common.catalogue.test_type import Point
from common.records.machine import PhaseRecord, RunPhase
from common.records.runs import Metrics, SoftwareRecord
from common.store.database import database
from common.store.fields import parse_conditions
from common.store.tables import LogLine, Run, Test

RUNS_AT_ONCE = 20
"""A run takes up to some ten kilobytes for each request."""


class RunMetrics(NamedTuple):
    """Some metrics of a run, without the record that they were computed from; an unknown one is None.

    `point` is the number of its conditions among those of the test, from 0, in the order of the test's
    options.
    """

    point: int
    repetition: int
    metrics: Metrics


@dataclass
class TestRuns:
    """The runs of one test in order, and the conditions that they were measured at by the number of their point."""

    points: list[Point] = field(default_factory=list)
    runs: list[RunMetrics] = field(default_factory=list)


def metrics(tests: Iterable[Test], names: Iterable[str]) -> dict[int, TestRuns]:
    """Return some metrics of all runs of tests, by the test's id, in one query."""
    known, wanted = {test.id: test for test in tests}, list(names)
    columns = [Run.metrics[name].as_float() for name in wanted]
    found = Run.select(Run.test, Run.conditions, Run.repetition, *columns).where(Run.test.in_(list(known)))
    return {
        test: _numbered(
            known[test],
            [(text, repetition, dict(zip(wanted, values, strict=True))) for _, text, repetition, *values in rows],
        )
        for test, rows in groupby(_rows(found.order_by(Run.test, Run.id)), lambda row: row[0])
    }


def _tests(wanted: Expression) -> dict[int, Test]:
    """Return what the order of the points of tests depends on."""
    return {test.id: test for test in Test.select(Test.id, Test.test_type, Test.options).where(wanted)}


def _numbered(test: Test, runs: Sequence[tuple[str, int, Metrics]]) -> TestRuns:
    """Assign numbers to the points of a test, given as text."""
    points = {text: parse_conditions(text) for text, *_ in runs}
    ordered = in_order(points.values(), test.test_type, test.options)
    numbers = {text: ordered.index(point) for text, point in points.items()}
    return TestRuns(ordered, [RunMetrics(numbers[text], repetition, known) for text, repetition, known in runs])


class MachineDuringRun(NamedTuple):
    """When a run began, in ms of Redis's clock, and the mean readings while the model wrote; None is unknown."""

    start: float | None
    observed: dict[str, float | None]


def machine_during_runs(
    test_id: int, measures: Iterable[str], repetitions: Sequence[int] | None = None
) -> list[MachineDuringRun]:
    """Return the mean of each measure for the runs of a test of one point: for all, or for these repetitions."""
    names = list(measures)
    means = [Run.record["observed"]["decode"][name]["mean"].as_float() for name in names]
    found = Run.select(Run.record["window"][0].as_float(), *means).where(Run.test == test_id)
    wanted = found if repetitions is None else found.where(Run.repetition.in_(repetitions))
    rows = _rows(wanted.order_by(Run.id))
    return [MachineDuringRun(start, dict(zip(names, observed, strict=True))) for start, *observed in rows]


def points(session_id: str) -> dict[int, list[Point]]:
    """Return the conditions that a session's tests have runs at, by the test's id, in the order of their numbers."""
    return _points(Test.session == session_id)


def _points(wanted: Expression) -> dict[int, list[Point]]:
    found = Run.select(Run.test, Run.conditions).join(Test).where(wanted)
    rows = _rows(found.group_by(Run.test, Run.conditions).order_by(Run.test, fn.MIN(Run.id)))
    known = _tests(wanted)
    return {
        test: in_order((parse_conditions(text) for _, text in of_test), known[test].test_type, known[test].options)
        for test, of_test in groupby(rows, lambda row: row[0])
        if test in known
    }


class NumberedRun(NamedTuple):
    """A run with its record, and the number of its conditions, as in `RunMetrics`."""

    test: Test
    run: Run
    point: int


def whole_runs(tests: Iterable[Test]) -> Iterator[NumberedRun]:
    """Yield the runs of tests in order, keeping few in memory at once."""
    wanted = list(tests)
    of_tests = _points(Test.id.in_([test.id for test in wanted]))
    for test in wanted:
        some = _runs_after(test, -1)
        yield from _with_numbers(some, of_tests)
        while len(some) == RUNS_AT_ONCE:
            some = _runs_after(test, some[-1].id)
            yield from _with_numbers(some, of_tests)


def count(tests: Iterable[Test]) -> int:
    """Return the number of the runs of tests."""
    found: int = Run.select().where(Run.test.in_([test.id for test in tests])).count()
    return found


def outlines(tests: Iterable[Test]) -> Iterator[tuple[Point, Metrics]]:
    """Yield the conditions and the metrics of the runs of tests, without their records, which take most of the time."""
    for test in tests:
        found = Run.select(Run.conditions, Run.metrics).where(Run.test == test)
        yield from cast("Iterable[tuple[Point, Metrics]]", found.tuples())


def _runs_after(test: Test, run_id: int) -> list[Run]:
    found = list(Run.select().where(Run.test == test, Run.id > run_id).order_by(Run.id).limit(RUNS_AT_ONCE))
    for run in found:
        run.test = test  # Peewee would read it again for each
    return found


def page_of_runs(session_id: str, page: int, limit: int) -> tuple[list[NumberedRun], int]:
    """Return a page of a session's runs in order, and the number of all its runs.

    The first query finds the page without reading the records, which make runs large.
    """
    order = (Run.test, Run.id)
    of_session = Run.select(Run.id).join(Test).where(Test.session == session_id)
    wanted = [run.id for run in of_session.order_by(*order).paginate(page, limit)]
    whole = Run.select(Run, Test).join(Test).where(Run.id.in_(wanted)).order_by(*order)
    return list(_with_numbers(list(whole), points(session_id))), of_session.count()


def _with_numbers(runs: Iterable[Run], of_tests: Mapping[int, list[Point]]) -> Iterator[NumberedRun]:
    """Yield the runs with the numbers of their points, without those that were stored or deleted meanwhile."""
    for run in runs:
        known = of_tests.get(run.test_id, [])
        if run.conditions in known:
            yield NumberedRun(run.test, run, known.index(run.conditions))


def first_software(session_id: str, model: str | None = None) -> SoftwareRecord | None:
    """Return the software of a session's first run, of one model or of any. None if there is no run that has it."""
    column = Run.record["software"].alias("software")
    found = Run.select(column).join(Test).where(Test.session == session_id).order_by(Run.id).limit(1)
    rows = cast("list[dict[str, Any]]", list((found.where(Test.model == model) if model else found).dicts()))
    return rows[0]["software"] if rows else None


def phases(session_id: str) -> Iterator[RunPhase]:
    """Yield the phases of a session's runs in order. `point` is the number of the conditions, as in `RunMetrics`."""
    columns = (Test.id, Test.model, Test.test_type, Run.conditions, Run.repetition, Run.record["phases"])
    found = Run.select(*columns).join(Test).where(Test.session == session_id).order_by(Run.id)
    of_tests = points(session_id)
    rows = cast("Iterable[tuple[int, str, str, Point, int, list[PhaseRecord] | None]]", found.tuples())
    for test, model, test_type, conditions, repetition, passed in rows:
        known = of_tests.get(test, [])
        point = known.index(conditions) if conditions in known else None  # stored meanwhile
        for phase in passed or ():
            yield {
                **phase,
                "model_name": model,
                "test_type": test_type,
                "point": point,
                "repetition": repetition,
            }


def newest_lines(session_id: str) -> dict[int, int]:
    """Return the id of the newest log line of each of a session's tests that has one, by the test's id."""
    newest = LogLine.select(LogLine.test, fn.MAX(LogLine.id)).join(Test).where(Test.session == session_id)
    return dict(_rows(newest.group_by(LogLine.test)))


def logs(tests: Iterable[int]) -> dict[int, list[str]]:
    """Return the log lines of tests, by the test's id, in order: `12:00:00 text`.

    SQL cuts the time (both databases write 2026-03-01 12:00:00.1). Parsing thousands of times would take longer than a
    page may.
    """
    time = fn.SUBSTR(LogLine.at.cast("text"), 12, 8).coerce(_coerce=False)
    lines = LogLine.select(LogLine.test, time, LogLine.text).where(LogLine.test.in_(list(tests)))
    rows = _rows(lines.order_by(LogLine.test, LogLine.id))
    return {test: [f"{at} {text}" for _, at, text in found] for test, found in groupby(rows, lambda row: row[0])}


def _rows(query: "ModelSelect[Any]") -> list[Any]:
    """Return the rows as the driver gives them, for columns of numbers and text: Peewee's own conversion takes as long
    as all the rest when there are thousands.
    """
    return cast("list[Any]", database.execute(query).fetchall())
