"""Results as a table in Markdown (GitHub's), which a person pastes into an issue: medians with their intervals."""

from collections.abc import Iterable, Iterator

from api.formats.tables.rows import ollama_version
from api.formats.tables.writers.interval_texts import UNKNOWN, interval_text, value_text
from common.catalogue.metrics import METRICS
from common.catalogue.wording import point_text
from common.records.test_metrics import TestMetrics
from common.store.tables import Session, Test

HEAD = ("Model", "Test", "At", "Metric", "Median", "95 % interval", "n", "Grade", "Host", "Ollama")
RIGHT = frozenset({"Median", "95 % interval", "n"})
MARKUP = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>()#+!|~&@$"} | {"\n": " ", "\r": " "})
"""What would be markup, a mention of somebody, or the end of a cell."""


def markdown(tests: Iterable[Test]) -> Iterator[str]:
    """Yield the lines of a table of completed tests, which have their sessions and metrics."""
    yield _line(HEAD)
    yield _line("--:" if name in RIGHT else "---" for name in HEAD)
    for test in tests:
        yield _line(_cells(test, TestMetrics.parse(test.metrics or {})))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _cells(test: Test, metrics: TestMetrics) -> Iterator[str]:
    statistic, name = metrics.headline_statistic, metrics.headline_name
    unit = METRICS[name].unit if name in METRICS else ""
    session: Session = test.session
    value = statistic["value"] if statistic else metrics.get(name)
    yield escaped(test.model)
    yield escaped(test.test_type)
    yield escaped(point_text(metrics.main_point)) or UNKNOWN
    yield escaped(METRICS[name].label if name in METRICS else name)
    yield value_text(value, unit)
    yield interval_text(statistic, unit)
    yield str(statistic["n"]) if statistic else UNKNOWN
    yield test.grade or "unknown"
    yield escaped(session.host)
    yield escaped(ollama_version(session, metrics.software) or UNKNOWN)


def escaped(text: str) -> str:
    """Return the text as Markdown shows it."""
    return text.translate(MARKUP)
