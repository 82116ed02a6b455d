"""A value that changes whenever the completed tests of some types and models may do."""

from collections.abc import Collection, Hashable
from typing import Any, cast

from common.store.database import database

VERSION = """
SELECT (SELECT SUM(number) FROM result_total WHERE {wanted}),
(SELECT MAX(count) FROM deletions), (SELECT MAX(id) FROM session)
"""
"""As text: a page asks for sixteen versions, and building each query takes most of the time."""


def results_version(test_types: Collection[str], models: Collection[str] | None = None) -> Hashable:
    """Return the version of the completed tests of these types, of all models or of some.

    Without a deletion, their number only grows. A new session may make imported ones foreign.
    """
    chosen = {"test_type": sorted(test_types), **({} if models is None else {"model": sorted(models)})}
    wanted = " AND ".join(f"{column} IN ({_places(values)})" for column, values in chosen.items())
    values = [value for column in chosen.values() for value in column]
    return cast("tuple[Any, ...]", database.execute_sql(VERSION.format(wanted=wanted), values).fetchone())


def _places(values: Collection[str]) -> str:
    return ", ".join([database.param] * len(values)) or "NULL"
