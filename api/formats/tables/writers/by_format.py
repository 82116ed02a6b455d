"""The writers of tables by format. Those of runs take rows, those of results take completed tests."""

from collections.abc import Callable, Iterable, Iterator

from api.formats.tables.columns import Rows
from api.formats.tables.writers import llama_bench
from api.formats.tables.writers.benchstat import benchstat
from api.formats.tables.writers.csv_lines import csv_lines
from api.formats.tables.writers.json_lines import json_lines
from api.formats.tables.writers.markdown import markdown
from api.formats.tables.writers.parquet import parquet
from common.store.tables import Test

Parts = Iterator[str] | Iterator[bytes]
OF_ROWS: dict[str, Callable[[Rows, int, Rows], Parts]] = {"csv": csv_lines, "jsonl": json_lines, "parquet": parquet}
_OF_TESTS: dict[str, Callable[[Iterable[Test]], Parts]] = {"markdown": markdown, "benchstat": benchstat}


def of_tests(name: str, tests: Iterable[Test]) -> Parts:
    """Return the parts of a file with completed tests, which have their sessions and metrics."""
    writer = _OF_TESTS.get(name)
    return writer(tests) if writer else llama_bench.WRITERS[name](llama_bench.llama_rows(tests))
