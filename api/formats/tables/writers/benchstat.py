"""Runs in the format of Go's benchmarks, for `benchstat old.txt new.txt`.

https://go.dev/design/14313-benchmark-format is the format. A line is a run, so that benchstat has all samples. It
compares only what has equal names and equal configuration lines. So what may change between two files, such as
Ollama's version, is in lines that begin with #, which it leaves out.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from api.formats.tables.rows import ollama_version
from common.catalogue.metrics import METRICS
from common.catalogue.test_type import Point
from common.records.test_metrics import TestMetrics
from common.stats.distribution import bounds_of
from common.store.reads import runs
from common.store.reads.runs import TestRuns
from common.store.tables import Test

BASE_UNITS = {"ms": ("sec", 1e-3), "bytes": ("B", 1.0), "MHz": ("Hz", 1e6)}
"""Units that benchstat knows to scale, with the factor to them."""
LOOKS_LIKE_PROCESSORS = re.compile(r"-\d+$")
"""benchstat takes a number at the end of a name for GOMAXPROCS."""
SAFE = ":.+=~@,"


def benchstat(tests: Iterable[Test]) -> Iterator[str]:
    """Yield the lines of a file with all runs of completed tests, which have their sessions and metrics."""
    yield "pkg: gait\n"
    yield from (f"Unit {_unit(name)} better={m.better}\n" for name, m in METRICS.items() if m.better != "neither")
    for test in tests:
        metrics = TestMetrics.parse(test.metrics or {})
        yield _comment(test, metrics)
        yield from _lines(test)


def _comment(test: Test, metrics: TestMetrics) -> str:
    """Return what no tool reads: where the test was measured, its median with the interval, and its grade."""
    session, statistic = test.session, metrics.headline_statistic
    low, high = bounds_of(statistic)
    facts = {
        "test": test.test_type,
        "model": test.model,
        "session": session.id,
        "host": session.host,
        "ollama": ollama_version(session, metrics.software),
        "headline": metrics.headline_name,
        "median": statistic and statistic["value"],
        "ci95Low": low,
        "ci95High": high,
        "n": statistic and statistic["n"],
        "grade": test.grade,
    }
    return f"# {' '.join(f'{name}={_word(value)}' for name, value in facts.items() if value is not None)}\n"


def _lines(test: Test) -> Iterator[str]:
    found = runs.metrics([test], METRICS).get(test.id, TestRuns())
    for run in found.runs:
        values = [_value(name, value) for name, value in run.metrics.items() if value is not None]
        if values:
            yield f"{_name(test, found.points[run.point])} 1 {' '.join(values)}\n"


def _name(test: Test, point: Point) -> str:
    """Return a name such as `BenchmarkDecode/model=tiny:latest/promptTokens=64`, without blanks."""
    parts = {"model": test.model, **point}
    kind = "".join(word.capitalize() for word in re.split(r"\W+", test.test_type))
    name = f"Benchmark{kind or 'Test'}" + "".join(f"/{_word(key)}={_word(value)}" for key, value in parts.items())
    return f"{name}-1" if LOOKS_LIKE_PROCESSORS.search(name) else name


def _word(value: object) -> str:
    """Return a text without blanks and slashes, which end a word or a part of a name."""
    return quote(str(value), safe=SAFE)


def _unit(metric: str) -> str:
    base, _ = _base(METRICS[metric].unit)
    return f"{metric}-{base}" if base else metric


def _base(unit: str) -> tuple[str, float]:
    return BASE_UNITS.get(unit, (unit.replace(" ", ""), 1.0))


def _value(metric: str, value: float) -> str:
    return f"{value * _base(METRICS[metric].unit)[1]!r} {_unit(metric)}"
