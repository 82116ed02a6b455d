"""Reads of earlier results: sessions to compare, and one model and test type over time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from peewee import JOIN

from common.catalogue.points import in_order
from common.catalogue.test_type import Point
from common.free_json import Json
from common.records.runs import Metrics, SoftwareRecord
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distribution
from common.store import sessions as stored_sessions
from common.store.fields import known, part
from common.store.lists.distinct import distinct
from common.store.lists.pages import unindexed
from common.store.tables import Hardware, Result, Run, Session, Status, Test

MAX_KEPT = 500
"""Tests that are kept in memory, at some ten kilobytes each."""

Samples = Mapping[str, Sequence[float]]
"""By metric, one value per run."""


@dataclass(frozen=True)
class TestSamples:
    """One model under one test type in one session, with one value per run.

    `points` are the conditions of its runs, each with its `samples`. `main` is the number of the point that represents
    the test. All are empty until it has completed. `software` is what it was measured with, None if unknown.
    """

    session_id: str
    model: str
    test_type: str
    status: str
    message: str | None
    options: Json
    headline: str | None = None
    main: int = 0
    points: list[Point] = field(default_factory=list)
    samples: list[Samples] = field(default_factory=list)
    software: SoftwareRecord | None = None


@dataclass(frozen=True)
class HistoryEntry:
    """A completed test in a history. `statistic` is that of one metric, None if the test does not have it."""

    at: datetime
    session_id: str
    session_name: str | None
    host: str
    ollama_version: str | None
    settings: dict[str, str | None] | None
    model: Json
    inventory: Json | None
    options: Json
    point: Point
    statistic: Distribution | None


def sessions(ids: Sequence[str]) -> list[Session]:
    """Return the sessions of these ids that exist, oldest first, each with its hardware."""
    found = Session.select(Session, Hardware).join(Hardware, JOIN.LEFT_OUTER).where(Session.id.in_(list(ids)))
    return list(found.order_by(Session.created_at, Session.id))


def samples(ids: Sequence[str]) -> list[TestSamples]:
    """Return all tests of the sessions in the order of their positions."""
    outlines = (Test.id, Test.session, Test.model, Test.test_type, Test.status, Test.message, Test.options)
    tests = list(Test.select(*outlines, Test.finished_at).where(Test.session.in_(list(ids))).order_by(Test.position))
    _read([test for test in tests if test.status == Status.COMPLETED and _key(test) not in _kept])
    return [_kept.get(_key(test)) or _outline(test) for test in tests]


_kept: dict[tuple[str, int, datetime | None], TestSamples] = {}
"""Completed tests that were read before. They do not change any more, and reading them is slow."""


def _key(test: Test) -> tuple[str, int, datetime | None]:
    return test.session_id, test.id, test.finished_at


def _read(tests: Sequence[Test]) -> None:
    if not tests:
        return
    if len(_kept) + len(tests) > MAX_KEPT:
        _kept.clear()
    ids = [test.id for test in tests]
    runs = Run.select(Run.test, Run.conditions, Run.metrics).where(Run.test.in_(ids)).order_by(Run.id)
    by_test: defaultdict[int, list[tuple[Point, Metrics]]] = defaultdict(list)
    for test_id, conditions, of_run in cast("Iterable[tuple[int, Point, Metrics]]", runs.tuples()):
        by_test[test_id].append((conditions, of_run))
    metrics = stored_sessions.metrics(ids)
    for test in tests:
        _kept[_key(test)] = _with_samples(test, metrics[test.id], by_test[test.id])


def _outline(test: Test) -> TestSamples:
    return TestSamples(test.session_id, test.model, test.test_type, test.status, test.message, test.options)


def _with_samples(test: Test, metrics: TestMetrics, runs: Sequence[tuple[Point, Metrics]]) -> TestSamples:
    distinct = {str(conditions): conditions for conditions, _ in runs}
    points = in_order(distinct.values(), test.test_type, test.options)
    by_point = [[of_run for conditions, of_run in runs if conditions == point] for point in points]
    main = metrics.main_point
    return replace(
        _outline(test),
        headline=metrics.headline["name"] if metrics.headline else None,
        main=points.index(main) if main in points else 0,
        points=as_measured(points, metrics),
        samples=[_by_metric(of_point) for of_point in by_point],
        software=metrics.software,
    )


def as_measured(points: Sequence[Point], metrics: TestMetrics) -> list[Point]:
    """Return the points with their names in the order in which the test's metrics have them."""
    known = [each["point"] for each in metrics.points]
    return [next((point for point in known if point == each), each) for each in points]


def _by_metric(runs: Sequence[Metrics]) -> Samples:
    names = dict.fromkeys(name for of_run in runs for name in of_run)
    known = {name: [value for of_run in runs if (value := of_run.get(name)) is not None] for name in names}
    return {name: values for name, values in known.items() if values}


# Histories


def models() -> list[str]:
    """Return the names of all models with a completed test, sorted."""
    return distinct(Test.model, Test.status == Status.COMPLETED)


def test_types(model: str) -> list[str]:
    """Return the names of all test types that the model has completed, sorted."""
    return distinct(Test.test_type, Test.status == Status.COMPLETED, Test.model == model)


def newest() -> tuple[str, str] | None:
    """Return the model and test type of the test that completed last."""
    last = Test.select(Test.model, Test.test_type).where(Test.status == Status.COMPLETED)
    found: tuple[str, str] | None = last.order_by(Test.finished_at.desc()).limit(1).tuples().first()
    return found


def history(  # noqa: PLR0913 - a history has as many filters
    model: str,
    test_type: str,
    metric: str,
    *,
    host: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 200,
) -> list[HistoryEntry]:
    """Return the newest completed tests of a model and type in the window, oldest first."""
    of_one = (Test.status == Status.COMPLETED, Test.model == model, Test.test_type == test_type)
    conditions = [
        *of_one,
        *([unindexed(Test.host) == host] if host else []),
        *([Test.finished_at >= start] if start else []),
        *([Test.finished_at <= end] if end else []),
    ]
    columns = (
        *(Test.finished_at, Test.options, Result.software),
        *(part(Result.metrics, "headline").alias("headline"), part(Result.statistics, metric).alias("statistic")),
    )
    of_session = (
        Session.id,
        Session.name,
        Session.host,
        Session.ollama_version,
        Session.models,
        Session.hardware.alias("machine"),
    )
    whole = Test.select(*columns, *of_session).join(Session).switch(Test).join(Result)
    newest_first = Test.finished_at.desc()
    wanted = Test.select(Test.id).where(*conditions).order_by(newest_first).limit(limit)  # before anything is joined
    found = list(cast("Iterable[Json]", whole.where(Test.id.in_(wanted)).order_by(newest_first).dicts()))
    inventories = _inventories({row["machine"] for row in found})
    return [_entry(row, model, inventories) for row in reversed(found)]


def _inventories(digests: set[str | None]) -> dict[str, Json]:
    known = [digest for digest in digests if digest]
    return {machine.digest: machine.inventory for machine in Hardware.select().where(Hardware.digest.in_(known))}


def _entry(row: Json, model: str, inventories: Mapping[str, Json]) -> HistoryEntry:
    """Return the entry. What the test itself knows of model and server comes before what its session began with."""
    submitted = next((known for known in row["models"] if known["name"] == model), {"name": model})
    unknown = {"digest": None, "ollamaVersion": None, "settings": None}
    software = cast("SoftwareRecord", known(row["software"]) or unknown)
    return HistoryEntry(
        at=row["finished_at"],
        session_id=row["id"],
        session_name=row["name"],
        host=row["host"],
        ollama_version=software["ollamaVersion"] or row["ollama_version"],
        settings=software["settings"],
        model={**submitted, **({"digest": software["digest"]} if software["digest"] else {})},
        inventory=inventories.get(row["machine"]),
        options=row["options"],
        point=known(row["headline"]).get("point") or {},
        statistic=cast("Distribution", row["statistic"]) if known(row["statistic"]) else None,
    )
