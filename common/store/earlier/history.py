"""Reads of one model and test type over time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from peewee import ModelSelect, Select, chunked, fn

from common.catalogue.test_type import Point
from common.records.runs import SoftwareRecord
from common.stats.distribution import Distribution
from common.store.database import database
from common.store.fields import known, part
from common.store.reads.foreign_sessions import is_own
from common.store.reads.lists.distinct import distinct
from common.store.reads.lists.pages import unindexed
from common.store.tables import Hardware, Result, Session, Status, Test
from common.values.free_json import Json

AT_ONCE = 100
"""Models in one query."""
MAX_COUNTED = 5000
"""Newest tests that are counted."""


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
    grade: str | None


def models() -> list[str]:
    """Return the names of all models with a completed test, sorted."""
    return distinct(Test.model, Test.status == Status.COMPLETED)


def models_by_age() -> list[str]:
    """Return the names of all models with a completed test, the one that was measured first before the others."""
    names = models()
    first: list[str] = []
    for some in chunked(names, AT_ONCE):
        asked = Select([], list(map(_first, some))).bind(database.obj)
        first += [str(moment) for moment in next(iter(asked.tuples()))]
    return [model for _, model in sorted(zip(first, names, strict=True))]


def most_measured(limit: int) -> list[str]:
    """Return the models with most tests among the newest ones."""
    newest = Test.select(Test.model).order_by(Test.id.desc()).limit(MAX_COUNTED).alias("newest")
    count = fn.COUNT(newest.c.model)
    counted = Select([newest], [newest.c.model]).group_by(newest.c.model).order_by(count.desc(), newest.c.model)
    return [model for (model,) in counted.limit(limit).bind(database.obj).tuples()]


def _first(model: str) -> "ModelSelect[Any]":
    """Return the query for when a model was first measured: one step in an index."""
    return Test.select(fn.MIN(Test.finished_at)).where(Test.status == Status.COMPLETED, Test.model == model)


def test_types(model: str) -> list[str]:
    """Return the names of all test types that the model has completed, sorted."""
    return distinct(Test.test_type, Test.status == Status.COMPLETED, Test.model == model)


def metrics(model: str, test_type: str) -> list[str]:
    """Return the names of the metrics that the newest completed test of a model and type has."""
    of_one = (Test.status == Status.COMPLETED, Test.model == model, Test.test_type == test_type)
    last = Test.select(Test.id).where(*of_one).order_by(Test.finished_at.desc()).limit(1)
    found = Result.select(Result.statistics).where(Result.test.in_(last)).tuples().first()
    return list(known(found[0])) if found else []


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
    own = is_own(Test.session)
    conditions = [
        *of_one,
        own,
        *([unindexed(Test.host) == host] if host else []),
        *([Test.finished_at >= start] if start else []),
        *([Test.finished_at <= end] if end else []),
    ]
    columns = (
        *(Test.finished_at, Test.options, Result.software, Result.grade),
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
        grade=row["grade"],
    )
