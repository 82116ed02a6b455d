"""Reads of what a session has thousands of, its runs and their log lines: little of each, or few at a time."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple, cast

from peewee import ModelSelect, fn

from common.store.database import database
from common.store.tables import LogLine, Run, Test

RUNS_AT_ONCE = 20
"""A run has up to some ten kilobytes a request."""


class Figures(NamedTuple):
    """What a run came to, without the record that it was computed from; metrics that it does not know are None."""

    test_id: int
    point: int
    repetition: int
    figures: dict[str, float | None]


def figures(tests: Iterable[int], metrics: Iterable[str]) -> dict[int, list[Figures]]:
    """Some metrics of all runs of tests, by the test's id, in the order of points and repetitions; in one query."""
    names = list(metrics)
    wanted = [Run.figures[name].as_float() for name in names]
    found = Run.select(Run.test, Run.point, Run.repetition, *wanted).where(Run.test.in_(list(tests)))
    rows = _rows(found.order_by(Run.test, Run.point, Run.repetition))
    runs = (
        Figures(test, point, repetition, dict(zip(names, values, strict=True)))
        for test, point, repetition, *values in rows
    )
    return {test: list(of_test) for test, of_test in groupby(runs, lambda run: run.test_id)}


class Written(NamedTuple):
    """When a run began, in ms of Redis's clock, and what the readings said while the model wrote, on average; None is
    unknown.
    """

    start: float | None
    observed: dict[str, float | None]


def written(test_id: int, measures: Iterable[str], repetitions: Sequence[int] | None = None) -> list[Written]:
    """That of the runs of a test of one point, in order; of all, or of these."""
    names = list(measures)
    means = [Run.record["observed"]["decode"][name]["mean"].as_float() for name in names]
    found = Run.select(Run.record["window"][0].as_float(), *means).where(Run.test == test_id)
    wanted = found if repetitions is None else found.where(Run.repetition.in_(repetitions))
    rows = _rows(wanted.order_by(Run.repetition))
    return [Written(start, dict(zip(names, observed, strict=True))) for start, *observed in rows]


def numbers_of_points(session_id: str) -> dict[int, int]:
    """At how many points each test of a session has runs, by the test's id."""
    found = Run.select(Run.test, fn.COUNT(Run.point.distinct())).join(Test).where(Test.session == session_id)
    return dict(cast("Iterable[tuple[int, int]]", found.group_by(Run.test).tuples()))


def whole_runs(tests: Iterable[Test]) -> Iterator[tuple[Test, Run]]:
    """The runs of tests with all that is kept of them, in order, of which few are in memory at once."""
    for test in tests:
        after = (-1, -1)
        while some := _runs_after(test, *after):
            yield from ((test, run) for run in some)
            after = (some[-1].point, some[-1].repetition)


def _runs_after(test: Test, point: int, repetition: int) -> list[Run]:
    later = (Run.point > point) | ((Run.point == point) & (Run.repetition > repetition))
    return list(Run.select().where((Run.test == test) & later).order_by(Run.point, Run.repetition).limit(RUNS_AT_ONCE))


def page_of_runs(session_id: str, page: int, limit: int) -> tuple[list[Run], int]:
    """A page of a session's runs with their tests, in order, and how many there are in all.

    The page is found without what makes a run large.
    """
    order = (Run.test, Run.point, Run.repetition)
    of_session = Run.select(Run.id).join(Test).where(Test.session == session_id)
    wanted = [run.id for run in of_session.order_by(*order).paginate(page, limit)]
    whole = Run.select(Run, Test).join(Test).where(Run.id.in_(wanted)).order_by(*order)
    return list(whole), of_session.count()


def phases(session_id: str) -> Iterator[dict[str, Any]]:
    """What the runs of a session went through, in order: {phase, start, end}, and of which run that was."""
    told = Run.record["phases"].alias("phases")
    of_run = (Test.model.alias("model_name"), Test.test_type, Run.point, Run.repetition)
    found = Run.select(told, *of_run).join(Test).where(Test.session == session_id).order_by(Run.id)
    for row in cast("Iterable[dict[str, Any]]", found.dicts()):
        for phase in row.pop("phases") or ():
            yield {**phase, **row}


def newest_lines(session_id: str) -> dict[int, int]:
    """The id of the newest line in the log of each of a session's tests that has one, by the test's id."""
    newest = LogLine.select(LogLine.test, fn.MAX(LogLine.id)).join(Test).where(Test.session == session_id)
    return dict(_rows(newest.group_by(LogLine.test)))


def logs(tests: Iterable[int]) -> dict[int, list[str]]:
    """The log lines of tests, by the test's id, in order: `12:00:00 text`.

    The time is cut in SQL (both databases write 2026-03-01 12:00:00.1): to read thousands of times as such takes longer
    than a page may.
    """
    time = fn.SUBSTR(LogLine.at.cast("text"), 12, 8).coerce(_coerce=False)
    lines = LogLine.select(LogLine.test, time, LogLine.text).where(LogLine.test.in_(list(tests)))
    rows = _rows(lines.order_by(LogLine.test, LogLine.id))
    return {test: [f"{at} {text}" for _, at, text in found] for test, found in groupby(rows, lambda row: row[0])}


def _rows(query: "ModelSelect[Any]") -> list[Any]:
    """The rows as the driver has them, which for numbers and texts alone is what they are: peewee's own way takes as
    long as all the rest where there are thousands.
    """
    return cast("list[Any]", database.execute(query).fetchall())
