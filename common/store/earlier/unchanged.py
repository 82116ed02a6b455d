"""Reads of earlier and later tests that were measured under the same conditions as a test.

They show how far sessions lie apart although nothing was changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from peewee import JOIN, Node

from common.catalogue.effort import REPETITIONS
from common.catalogue.test_type import Point
from common.free_json import Json
from common.records.conditions import Conditions
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distributions
from common.store import sessions as stored_sessions
from common.store.earlier.samples import TestSamples
from common.store.foreign import foreign
from common.store.lists.pages import unindexed
from common.store.tables import Hardware, Session, Status, Test

MAX_CANDIDATES = 40
"""Tests before a test, and after it, whose conditions are read."""
MAX_UNCHANGED = 20
"""Unchanged tests that are read whole, the nearest in time. With more, the spread is hardly known better."""

Read = dict[tuple[int, bool], TestMetrics]
"""Metrics by the ids of their tests, and whether they have details."""


@dataclass(frozen=True)
class UnchangedTest:
    """A completed test of another session, with the distributions of its metrics by point."""

    session_id: str
    finished_at: datetime
    points: tuple[tuple[Point, Distributions], ...]

    def at(self, point: Point) -> Distributions:
        """Return the distributions at a point, empty if the test does not have it."""
        return next((found for known, found in self.points if known == point), {})


def unchanged(test: TestSamples, conditions: Conditions, read: Read) -> list[UnchangedTest]:
    """Return completed tests of other sessions with the same options and conditions, the nearest in time.

    `read` has the metrics of tests that were read before, and gets those that are read now.
    """
    if test.finished_at is None:
        return []
    candidates = [row for row in _nearest(test, test.finished_at) if _is_alike(row, test, conditions)]
    candidates.sort(key=lambda row: abs(row["finished_at"] - test.finished_at))
    nearest = candidates[:MAX_UNCHANGED]
    details = len(test.points) > 1  # one point is in the statistics
    missing = [row["test"] for row in nearest if (row["test"], details) not in read]
    read |= {(each, details): metrics for each, metrics in stored_sessions.metrics(missing, details=details).items()}
    return [
        UnchangedTest(row["session"], row["finished_at"], _points(read[row["test"], details]))
        for row in nearest
        if _conditions(row, test, read[row["test"], details]) == conditions
    ]


def _nearest(test: TestSamples, moment: datetime) -> list[Json]:
    """Return the tests of the same model, type and host just before and after a test, without their metrics."""
    before = _rows(test, Test.finished_at <= moment, Test.finished_at.desc())
    return [*before, *_rows(test, Test.finished_at > moment, Test.finished_at)]


def _rows(test: TestSamples, when: object, order: Node) -> list[Json]:
    of_one = (Test.status == Status.COMPLETED, Test.model == test.model, Test.test_type == test.test_type)
    elsewhere = (unindexed(Test.host) == test.host, Test.session != test.session_id, Test.session.not_in(foreign()))
    columns = (Test.id.alias("test"), Test.session, Test.options, Test.finished_at)
    of_session = (Session.models, Session.ollama_version, Hardware.fingerprint)
    joined = Test.select(*columns, *of_session).join(Session).join(Hardware, JOIN.LEFT_OUTER)
    wanted = Test.select(Test.id).where(*of_one, *elsewhere, when).order_by(order).limit(MAX_CANDIDATES)
    return list(cast("Iterable[Json]", joined.where(Test.id.in_(wanted)).order_by(order).dicts()))


def _is_alike(row: Json, test: TestSamples, conditions: Conditions) -> bool:
    """Return whether a test may be unchanged, by what is known without its metrics."""
    same_options = measured_options(row["options"]) == measured_options(test.options)
    return same_options and row["fingerprint"] == conditions.fingerprint


def _conditions(row: Json, test: TestSamples, metrics: TestMetrics) -> Conditions:
    return Conditions.of(
        test.model,
        test.host,
        submitted=row["models"],
        ollama_version=row["ollama_version"],
        fingerprint=row["fingerprint"],
        software=metrics.software,
    )


def measured_options(options: Mapping[str, object]) -> dict[str, object]:
    """Return the options that say what is measured, without those that say how often."""
    return {name: value for name, value in options.items() if name not in REPETITIONS}


def _points(metrics: TestMetrics) -> tuple[tuple[Point, Distributions], ...]:
    """Return the distributions by point. Those of a test of one point are at its main point."""
    several = tuple((each["point"], each["statistics"]) for each in metrics.points)
    return (*several, (metrics.main_point, metrics.statistics))
