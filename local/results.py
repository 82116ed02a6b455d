"""A session's results as a table of 80 columns."""

from collections.abc import Iterator

from rich import box
from rich.table import Table

from common.units import three_digits
from local.client import Json

UNKNOWN = "–"
SHORT_UNITS = {"tokens/s": "tok/s"}
BYTE_UNITS = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def table(session: Json) -> Table:
    shown = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    shown.add_column("Model", overflow="fold")  # takes what is left of the width, and as many lines as it needs
    shown.add_column("Test", no_wrap=True)
    for heading in ("Median ± MAD", "TTFT", "RAM", "VRAM", "CPU", "GPU"):
        shown.add_column(heading, justify="right", no_wrap=True)
    last = None
    for model, test in tests(session):
        shown.add_row(
            "" if model == last else model.removesuffix(":latest"), test["type"], *_cells(test["metrics"] or {})
        )
        last = model
    return shown


def findings(session: Json) -> list[str]:
    """What came out of each completed test, as a sentence; with the model's name where there are several."""
    several = len(session["models"]) > 1
    found = [(model, test) for model, test in tests(session) if (test["metrics"] or {}).get("finding")]
    return [f"{f'{model}, ' if several else ''}{test['type']}: {test['metrics']['finding']}" for model, test in found]


def failures(session: Json) -> list[str]:
    """A line for each test that did not complete, with the last of its log."""
    failed = ((model, test) for model, test in tests(session) if test["status"] != "completed")
    return [f"{model}, {test['type']}: {test['status']}. {_last(test['logs'])}" for model, test in failed]


def tests(session: Json) -> Iterator[tuple[str, Json]]:
    for model in session["models"]:
        for test in model["tests"]:
            yield model["name"], test


def headline(metrics: Json) -> str:
    """The metric by which the test is read first: `45.1 ± 0.3 tok/s`."""
    name = (metrics.get("headline") or {}).get("name")
    found = (metrics.get("statistics") or {}).get(name)
    if found is None:
        return UNKNOWN
    unit = SHORT_UNITS.get(found["unit"], found["unit"])
    return f"{number(found['median'])} ± {number(found['mad'])} {unit}"


def milliseconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{number(value)} ms"


def percent(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.0f} %"


def size(value: float | None) -> str:
    """Bytes, as people write them."""
    if value is None:
        return UNKNOWN
    for unit, factor in BYTE_UNITS:
        if value >= factor:
            return f"{number(value / factor)} {unit}"
    return f"{value:.0f} B"


def number(value: float | None) -> str:
    return UNKNOWN if value is None else three_digits(value)


def _cells(metrics: Json) -> list[str]:
    return [
        headline(metrics),
        milliseconds(metrics.get("timeToFirstToken")),
        size(metrics.get("ramUsage")),
        size(metrics.get("vramUsage")),
        percent(metrics.get("cpuUsage")),
        percent(metrics.get("gpuUsage")),
    ]


def _last(logs: list[str]) -> str:
    return logs[-1] if logs else "It left no log."
