"""One value of each of a model's newest results, for small lines: a tenth of what a whole history takes to read."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from common.store.database import database
from common.store.fields import part
from common.store.reads.foreign_sessions import is_own
from common.store.tables import Result, Status, Test
from common.values.free_json import Json


class ResultPoint(NamedTuple):
    """A completed test with the value of one metric, None if it does not have it."""

    session_id: str
    host: str
    options: Json
    at: datetime
    grade: str | None
    value: float | None


def points(model: str, test_type: str, metric: str, limit: int) -> list[ResultPoint]:
    """Return the tests of a model and type that ended last, on any host, oldest first."""
    of_one = (Test.status == Status.COMPLETED, Test.model == model, Test.test_type == test_type)
    newest_first = Test.finished_at.desc()
    wanted = Test.select(Test.id).where(*of_one, is_own(Test.session)).order_by(newest_first).limit(limit)
    columns = (Test.session, Test.host, Test.options, Test.finished_at, Result.grade, part(Result.metrics, metric))
    found = Test.select(*columns).join(Result).where(Test.id.in_(wanted)).order_by(newest_first)
    return [ResultPoint(*row) for row in reversed(list(cast("Iterable[tuple[Any, ...]]", found.tuples())))]


VERSIONS = "SELECT (SELECT MAX(count) FROM deletions), (SELECT MAX(imported_at) FROM session)"
NEWEST = """(
    SELECT id FROM test WHERE status = {p} AND model = {p} AND test_type = {p} ORDER BY finished_at DESC LIMIT 1
)"""
"""As text: a page asks for all types of a model, and building that query takes longer than its answer."""


def versions(model: str, test_types: Sequence[str]) -> dict[str, Hashable]:
    """Return a value for each test type that changes when the model's `points` do."""
    query = ", ".join([VERSIONS, *[NEWEST.format(p=database.param)] * len(test_types)])
    asked = [value for test_type in test_types for value in (Status.COMPLETED.value, model, test_type)]
    deletions, imported, *newest = cast("tuple[Any, ...]", database.execute_sql(query, asked).fetchone())
    return {test_type: (deletions, imported, test) for test_type, test in zip(test_types, newest, strict=True)}
