"""When each model was last measured on a host, found by one step in an index for each test type."""

from collections.abc import Sequence
from datetime import datetime

from common.catalogue.test_types import TEST_TYPES
from common.store.database import database
from common.store.reads.foreign_sessions import foreign_sql
from common.store.tables import Status, Test

LAST = """
WITH kinds(test_type) AS (VALUES {kinds}), named(model) AS (VALUES {named})
SELECT named.model, (
    SELECT finished_at FROM test
    WHERE status = {one} AND test_type = kinds.test_type AND model = named.model AND host = {one}
        AND session_id NOT IN ({others})
    ORDER BY finished_at DESC LIMIT 1
) FROM kinds CROSS JOIN named
"""


def last_measured(host: str, models: Sequence[str]) -> dict[str, datetime]:
    """Return when the newest completed test of each of these models on a host ended, if there is one."""
    if not models:
        return {}
    others, of_others = foreign_sql()
    one = database.param
    kinds, named = (", ".join([f"({one})"] * len(each)) for each in (TEST_TYPES, models))
    query = LAST.format(kinds=kinds, named=named, one=one, others=others)
    values = [*TEST_TYPES, *models, Status.COMPLETED.value, host, *of_others]
    found: dict[str, datetime] = {}
    for model, ended in database.execute_sql(query, values).fetchall():
        at = Test.finished_at.python_value(ended)
        if at:
            found[model] = max(at, found.get(model, at))
    return found
