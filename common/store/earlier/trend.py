"""The values of a history alone, for small pictures: all the rest would take ten times as long to read."""

from collections.abc import Iterable
from typing import Any, cast

from common.free_json import Json
from common.store.reads.foreign import foreign
from common.store.reads.lists.headlines import headline_metrics
from common.store.tables import Status, Test


def newest_values(model: str, test_type: str, host: str, metric: str, limit: int) -> list[tuple[Json, float]]:
    """Return the options and the metric of the newest completed tests that have it, oldest first."""
    of_one = (Test.status == Status.COMPLETED, Test.test_type == test_type, Test.model == model, Test.host == host)
    query = Test.select(Test.id, Test.options).where(*of_one, Test.session.not_in(foreign()))
    rows = list(cast("Iterable[tuple[Any, ...]]", query.order_by(Test.finished_at.desc()).limit(limit).tuples()))
    results = headline_metrics(test for test, _ in rows)
    values = [(options, results[test].metrics.get(metric)) for test, options in reversed(rows) if test in results]
    return [(options, value) for options, value in values if value is not None]
