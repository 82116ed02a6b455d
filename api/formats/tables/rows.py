"""Runs and results as rows of a table. docs/tables.md explains the columns."""

from collections.abc import Iterable

from common.catalogue.metrics import METRICS
from common.catalogue.test_type import Point
from common.catalogue.test_types import TEST_TYPES
from common.machines.fingerprint import SHA256
from common.records.runs import SoftwareRecord
from common.records.test_metrics import TestMetrics
from common.records.verdicts import VerdictRecord
from common.stats.distribution import Distribution, bounds_of
from common.store.reads.runs import NumberedRun
from common.store.tables import Session, Test
from common.values.units import iso

Cell = str | float | None
Row = dict[str, Cell]
"""Cells by the name of their column. An unknown one is None, or left out."""

CONDITION = "conditions."
_OPTIONS = (option.name for test_type in TEST_TYPES.values() for option in test_type.options if option.multiple)
COLUMNS = (
    *("sessionId", "modelName", "testType", "point", "repetition", "runs", "date"),
    *("sessionName", "tags", "host", "fingerprint", "hardwareDigest", "modelDigest", "ollamaVersion", "engine"),
    *dict.fromkeys(f"{CONDITION}{name}" for name in _OPTIONS),
    *METRICS,
    *("headline", "median", "ci95Low", "ci95High", "n", "rejected", "verdicts", "grade"),
)
"""All columns in their order. A table has those of them that its rows have."""
USAGE = {"ramUsage": "ram", "vramUsage": "vram", "cpuUsage": "cpu", "gpuUsage": "gpu"}
"""The usage in the record of a run, by the names of the metrics of its test."""
REJECTS = "rejects"


def run_row(session: Session, numbered: NumberedRun, statistics: Row) -> Row:
    """Return a run of a session, with the statistics of its point."""
    test, run, point = numbered
    record = run.record
    return {
        **_origin(session, test, record.get("software")),
        "point": point,
        "repetition": run.repetition,
        "date": iso(run.at),
        **condition_cells(run.conditions),
        **{metric: run.metrics.get(metric) for metric in METRICS},
        **{metric: (record.get("usage") or {}).get(name) for metric, name in USAGE.items()},
        "rejected": _names(record.get("rejected") or ()),
        "verdicts": _names(record.get("verdicts") or ()),
        **statistics,
    }


def result_row(test: Test, wanted: Iterable[str]) -> Row:
    """Return a completed test, which has its session, at the point that represents it, with the wanted metrics."""
    metrics = TestMetrics.parse(test.metrics or {})
    return {
        **_origin(test.session, test, metrics.software),
        "runs": metrics.runs["counted"] if metrics.runs else None,
        "date": iso(test.finished_at),
        **condition_cells(metrics.main_point),
        **{metric: metrics.get(metric) for metric in wanted},
        **statistic_cells(metrics, metrics.headline_statistic, test.grade),
        "rejected": _names(verdict for verdict in metrics.verdicts if verdict["severity"] == REJECTS),
        "verdicts": _names(verdict for verdict in metrics.verdicts if verdict["severity"] != REJECTS),
    }


def statistic_cells(metrics: TestMetrics, statistic: Distribution | None, grade: str | None) -> Row:
    """Return the headline metric of a test with its median, the 95 % interval of that, and the number of values."""
    low, high = bounds_of(statistic)
    return {
        "headline": metrics.headline and metrics.headline_name,
        "median": statistic and statistic["value"],
        "ci95Low": low,
        "ci95High": high,
        "n": statistic and statistic["n"],
        "grade": grade,
    }


def _origin(session: Session, test: Test, software: SoftwareRecord | None) -> Row:
    """Return what was measured where and with what, by the record of its software or as it was submitted."""
    submitted = next((model["digest"] for model in session.models if model["name"] == test.model), None)
    return {
        "sessionId": session.id,
        "modelName": test.model,
        "testType": test.test_type,
        "sessionName": session.name,
        "tags": ",".join(session.tags),
        "host": session.host,
        "fingerprint": _digest(session.hardware.fingerprint if session.hardware else None),
        "hardwareDigest": _digest(session.hardware.digest if session.hardware else None),
        "modelDigest": _digest((software and software["digest"]) or submitted),
        "ollamaVersion": ollama_version(session, software),
        "engine": software and software.get("engine"),
    }


def ollama_version(session: Session, software: SoftwareRecord | None) -> str | None:
    """Return the version of Ollama that the software's record has, or that answered when the session was submitted."""
    return (software and software["ollamaVersion"]) or session.ollama_version


def _digest(digits: str | None) -> str | None:
    """Return a digest as Ollama's files name it. Readers of CSV may take hexadecimal digits alone for a number."""
    return digits and f"{SHA256}{digits}"


def condition_cells(point: Point) -> Row:
    """Return the cells of conditions."""
    return {f"{CONDITION}{name}": value for name, value in point.items()}


def _names(verdicts: Iterable[VerdictRecord]) -> str:
    return " ".join(dict.fromkeys(verdict["name"] for verdict in verdicts))
