"""Outlines of large tables: rows that say which columns have values, read in a fraction of the time of whole rows."""

from collections.abc import Iterable, Iterator

from api.formats.tables.rows import COLUMNS, CONDITION, USAGE, Row, condition_cells
from common.catalogue.metrics import METRICS
from common.store.fields import known
from common.store.reads import runs
from common.store.reads.lists.every_result import every_headline
from common.store.reads.lists.results import ResultFilter
from common.store.tables import Test

ALWAYS = frozenset(name for name in COLUMNS if name not in METRICS and not name.startswith(CONDITION))
"""Columns that a large table has even if they are empty. Which conditions and metrics it has depends on its rows."""
OF_RUNS = frozenset({"point", "repetition"})
OF_RESULTS = frozenset({"runs"})


def run_outlines(tests: Iterable[Test]) -> Iterator[Row]:
    """Yield outlines of the runs of tests."""
    yield dict.fromkeys(ALWAYS - OF_RESULTS | USAGE.keys(), "any")
    for conditions, metrics in runs.outlines(tests):
        yield {**condition_cells(conditions), **{name: metrics.get(name) for name in METRICS}}


def result_outlines(wanted: ResultFilter, metrics: Iterable[str]) -> Iterator[Row]:
    """Yield outlines of the results that match a filter, with these metrics."""
    names = list(metrics)
    yield dict.fromkeys(ALWAYS - OF_RUNS, "any")
    for found in every_headline(wanted):
        point = known(known(found.get("headline")).get("point"))
        yield {**condition_cells(point), **{name: found.get(name) for name in names}}
