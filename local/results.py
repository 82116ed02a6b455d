"""A session's results as a table of 80 columns."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table

from common.catalogue.metrics import METRICS
from common.escaped import escaped
from common.free_json import Json
from common.units import SHORT_UNITS, scaled, three_digits

PERCENT = 100.0

UNKNOWN = "–"
SHOWN = [METRICS[name] for name in ("timeToFirstToken", "ramUsage", "vramUsage", "cpuUsage", "gpuUsage")]
"""The metrics in the table, besides the headline metric."""


def table(session: Json) -> Table:
    """Return the table. The first column takes the remaining width, on as many lines as it needs."""
    result = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    result.add_column("Model", overflow="fold")
    result.add_column("Test", no_wrap=True)
    for heading in ("Median ± MAD", *(metric.label for metric in SHOWN)):
        result.add_column(heading, justify="right", no_wrap=True)
    last = None
    for model, test in tests(session):
        name = "" if model == last else escaped(model.removesuffix(":latest"))
        metrics = test["metrics"] or {}
        result.add_row(
            name, test["type"], headline(metrics), *(quantity(metrics.get(each.name), each.unit) for each in SHOWN)
        )
        last = model
    return result


def findings(session: Json) -> list[str]:
    """Return the finding of each completed test, with the model's name if there are several models."""
    several = len(session["models"]) > 1
    found = [(model, test) for model, test in tests(session) if (test["metrics"] or {}).get("finding")]
    return [f"{f'{model}, ' if several else ''}{test['type']}: {test['metrics']['finding']}" for model, test in found]


def failures(session: Json) -> list[str]:
    """Return a line for each test that did not complete, with the last line of its log."""
    failed = ((model, test) for model, test in tests(session) if test["status"] != "completed")
    return [f"{model}, {test['type']}: {test['status']}. {_last(test['logs'])}" for model, test in failed]


def tests(session: Json) -> Iterator[tuple[str, Json]]:
    for model in session["models"]:
        for test in model["tests"]:
            yield model["name"], test


def headline(metrics: Json) -> str:
    """Return the test's main metric with half its interval, such as `45.1 tok/s ± 0.6 %`; few runs have no interval."""
    name = (metrics.get("headline") or {}).get("name")
    found = (metrics.get("statistics") or {}).get(name)
    if found is None or found["value"] is None:
        return UNKNOWN
    return f"{quantity(found['value'], found['unit'])}{_half(found['value'], found.get('ci95'))}"


def _half(value: float, bounds: Sequence[float | None] | None) -> str:
    """Return half an interval as a share of its median; empty if that is unknown."""
    low, high = bounds or (None, None)
    return "" if low is None or high is None or not value else f" ± {PERCENT * (high - low) / 2 / abs(value):.1f} %"


def quantity(value: float | None, unit: str) -> str:
    """Return a value in the unit that fits it best, such as `12.4 s`."""
    if value is None:
        return UNKNOWN
    number, larger = scaled(value, unit)
    formatted = f"{number:.0f}" if larger in {"bytes", "%"} else three_digits(number)
    return f"{formatted} {SHORT_UNITS.get(larger, larger)}"


def _last(logs: list[str]) -> str:
    return logs[-1] if logs else "There is no log."
