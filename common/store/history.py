"""Reads of what was measured before: whole sessions beside each other, and one model and test type over time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from peewee import JOIN, CharField, Expression, fn

from common.catalogue.test_type import Point
from common.store.sessions import SessionFilter, matching
from common.store.tables import Hardware, Run, Session, Status, Test

Json = dict[str, Any]
MOST_KEPT = 500
"""Tests that are kept in memory, of some ten kilobytes each."""

Samples = Mapping[str, Sequence[float]]
"""By metric, one value a run."""


@dataclass(frozen=True)
class Measured:
    """One model under one test type in one session. `main` is the number of the point that stands for the test; both
    dictionaries are by the points' numbers. Of a test that has not completed there are none.
    """

    session_id: str
    model: str
    test_type: str
    status: str
    message: str | None
    options: Json
    headline: str | None = None
    main: int = 0
    points: dict[int, Point] = field(default_factory=dict)
    samples: dict[int, Samples] = field(default_factory=dict)


@dataclass(frozen=True)
class HistoryEntry:
    """A completed test in its history: `statistic` is the wanted metric's, None where it has none."""

    at: datetime
    session_id: str
    session_name: str | None
    host: str
    ollama_version: str | None
    model: Json
    inventory: Json | None
    options: Json
    point: Point
    statistic: Json | None


def choices(wanted: SessionFilter, limit: int) -> list[Session]:
    """The newest sessions to choose from, without their tests."""
    called = (Session.id, Session.name, Session.models, Session.test_types)
    newest = (
        matching(wanted)
        .select(*called, Session.host, Session.created_at, Session.status)
        .order_by(Session.created_at.desc(), Session.id.desc())
    )
    return list(newest.limit(limit))


def sessions(ids: Sequence[str]) -> list[Session]:
    """Those of the sessions that are there, oldest first, each with its hardware."""
    found = Session.select(Session, Hardware).join(Hardware, JOIN.LEFT_OUTER).where(Session.id.in_(list(ids)))
    return list(found.order_by(Session.created_at, Session.id))


def measured(ids: Sequence[str]) -> list[Measured]:
    """All tests of the sessions in the order of their positions. Rejected runs are not among the runs."""
    outlines = (Test.id, Test.session, Test.model, Test.test_type, Test.status, Test.message, Test.options)
    tests = list(Test.select(*outlines, Test.finished_at).where(Test.session.in_(list(ids))).order_by(Test.position))
    _read([test for test in tests if test.status == Status.COMPLETED and _key(test) not in _kept])
    return [_kept.get(_key(test)) or _outline(test) for test in tests]


_kept: dict[tuple[str, int, datetime | None], Measured] = {}
"""Completed tests as they were read last: they do not change any more, and reading them is what takes time."""


def _key(test: Test) -> tuple[str, int, datetime | None]:
    return test.session_id, test.id, test.finished_at


def _read(tests: Sequence[Test]) -> None:
    if not tests:
        return
    if len(_kept) + len(tests) > MOST_KEPT:
        _kept.clear()
    ids = [test.id for test in tests]
    of_test = Run.select(Run.test, Run.point, Run.figures).where(Run.test.in_(ids)).order_by(Run.id)
    figures: defaultdict[int, defaultdict[int, list[Json]]] = defaultdict(lambda: defaultdict(list))
    for test_id, point, of_run in cast("Iterable[tuple[int, int, Json]]", of_test.tuples()):
        figures[test_id][point].append(of_run)
    metrics = {test.id: test.metrics for test in Test.select(Test.id, Test.metrics).where(Test.id.in_(ids))}
    for test in tests:
        _kept[_key(test)] = _measured(test, metrics[test.id], figures[test.id])


def _outline(test: Test) -> Measured:
    return Measured(test.session_id, test.model, test.test_type, test.status, test.message, test.options)


def _measured(test: Test, metrics: Json, figures: Mapping[int, Sequence[Json]]) -> Measured:
    headline, numbers = metrics.get("headline") or {}, sorted(figures)
    points = points_of(metrics.get("points") or [], headline.get("point") or {}, numbers)
    return replace(
        _outline(test),
        headline=headline.get("name"),
        main=next((number for number, point in points.items() if point == headline.get("point")), 0),
        points=points,
        samples={number: _by_metric(figures[number]) for number in numbers},
    )


def _by_metric(figures: Sequence[Json]) -> Samples:
    names = dict.fromkeys(name for of_run in figures for name in of_run)
    known = {name: [of_run[name] for of_run in figures if of_run.get(name) is not None] for name in names}
    return {name: values for name, values in known.items() if values}


def points_of(told: Sequence[Json], main: Point, numbers: Sequence[int]) -> dict[int, Point]:
    """What each point's number stands for.

    A test tells its points in order, and each in as many parts as its requests bear labels (the turns of a
    conversation): what those have in common is the point's own.
    """
    labels = len(told) // len(numbers) if numbers else 0
    if not labels or labels * len(numbers) != len(told):
        return dict.fromkeys(numbers, main)
    parts = [[part["point"].items() for part in told[i : i + labels]] for i in range(0, len(told), labels)]
    return {number: _shared(part) for number, part in zip(numbers, parts, strict=True)}


def _shared(parts: Sequence[Iterable[tuple[str, int | str]]]) -> Point:
    first, *others = parts
    return {name: value for name, value in first if all((name, value) in other for other in others)}


# Histories


def models() -> list[str]:
    """Each model of which a test has completed, by name."""
    return _distinct(Test.model, Test.status == Status.COMPLETED)


def test_types(model: str) -> list[str]:
    """Each test type that this model has completed, by name."""
    return _distinct(Test.test_type, Test.status == Status.COMPLETED, Test.model == model)


def _distinct(column: CharField, *conditions: Expression) -> list[str]:
    """Each value from the index, by one step to the next: a million tests cost as many steps as there are values."""
    found: list[str] = []
    following: tuple[Expression, ...] = ()
    while (value := Test.select(fn.MIN(column)).where(*conditions, *following).scalar()) is not None:
        found.append(value)
        following = (column > value,)
    return found


def newest() -> tuple[str, str] | None:
    """The model and test type of the test that completed last."""
    last = Test.select(Test.model, Test.test_type).where(Test.status == Status.COMPLETED)
    found: tuple[str, str] | None = last.order_by(Test.finished_at.desc()).limit(1).tuples().first()
    return found


def history(  # noqa: PLR0913 - what a history is of
    model: str,
    test_type: str,
    metric: str,
    *,
    host: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 200,
) -> list[HistoryEntry]:
    """The newest completed tests of a model and type within the window, oldest first. Only what is shown of
    each test leaves the database.
    """
    of_one = (Test.status == Status.COMPLETED, Test.model == model, Test.test_type == test_type)
    conditions = [
        *of_one,
        *([Session.host == host] if host else []),
        *([Test.finished_at >= start] if start else []),
        *([Test.finished_at <= end] if end else []),
    ]
    headline = Test.metrics["headline"]
    statistic = Test.metrics["statistics"][metric]
    columns = (Test.finished_at, Test.options, headline.alias("headline"), statistic.alias("statistic"))
    of_session = (
        Session.id,
        Session.name,
        Session.host,
        Session.ollama_version,
        Session.models,
        Session.hardware.alias("machine"),
    )
    rows = Test.select(*columns, *of_session).join(Session).where(*conditions).order_by(Test.finished_at.desc())
    found = list(cast("Iterable[Json]", rows.limit(limit).dicts()))
    inventories = _inventories({row["machine"] for row in found})
    return [_moment(row, model, inventories) for row in reversed(found)]


def _inventories(fingerprints: set[str | None]) -> dict[str, Json]:
    known = [fingerprint for fingerprint in fingerprints if fingerprint]
    return {
        machine.fingerprint: machine.inventory for machine in Hardware.select().where(Hardware.fingerprint.in_(known))
    }


def _moment(row: Json, model: str, inventories: Mapping[str, Json]) -> HistoryEntry:
    return HistoryEntry(
        at=row["finished_at"],
        session_id=row["id"],
        session_name=row["name"],
        host=row["host"],
        ollama_version=row["ollama_version"],
        model=next((told for told in row["models"] if told["name"] == model), {"name": model}),
        inventory=inventories.get(row["machine"]),
        options=row["options"],
        point=(row["headline"] or {}).get("point") or {},
        statistic=row["statistic"],
    )
