"""What the machine did before a test, while the model was loaded, while it read and while it wrote, as a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from api.web.pages.comparison.samples import Measured
from api.web.pages.formatting import UNKNOWN, quantity, text
from common.catalogue.readings import READINGS

Json = Mapping[str, Any]

PHASES = {"idle": "idle before it", "load": "load", "prefill": "prefill", "decode": "decode"}
ALL_RUNS = "all its runs"
ENERGY = "energy"


@dataclass(frozen=True)
class Row:
    """A model in a phase; `readings` are how many the means are of, None where only peaks are known."""

    model: str
    phase: str
    readings: int | None
    cells: Mapping[str, Markup]

    def cell(self, name: str) -> Markup:
        return self.cells.get(name, UNKNOWN)


@dataclass(frozen=True)
class Table:
    """`columns` are (name, title) of the measures that any of the rows knows."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[Row]


def table(tests: Sequence[Measured]) -> Table | None:
    """That of these tests, or None where no sampler told anything."""
    rows = [row for test in tests for row in _rows(test)]
    titles = {**{name: reading.label for name, reading in READINGS.items()}, ENERGY: "Energy"}
    columns = [(name, title) for name, title in titles.items() if any(name in row.cells for row in rows)]
    return Table(columns, rows) if columns else None


def _rows(test: Measured) -> Iterator[Row]:
    phases, peaks = test.metrics.get("phases") or {}, test.metrics.get("peaks") or {}
    for name, title in PHASES.items():
        if phase := phases.get(name):
            yield Row(test.model, title, phase["readings"], {**_levels(phase), **_energy(phase)})
    if known := {name: _peak(name, peaks[name]) for name in READINGS if peaks.get(name) is not None}:
        yield Row(test.model, ALL_RUNS, None, known)


def _levels(phase: Json) -> dict[str, Markup]:
    known = {name: phase[name] for name in READINGS if phase.get(name)}
    return {
        name: _with(quantity(level["mean"], READINGS[name].unit), _peak(name, level["peak"]))
        for name, level in known.items()
    }


def _peak(name: str, value: float) -> Markup:
    return _small(f"peak {text(value, READINGS[name].unit)}")


def _energy(phase: Json) -> dict[str, Markup]:
    """The energy, and the time that it was spent in."""
    energy = phase.get(ENERGY)
    if not energy:
        return {}
    return {ENERGY: _with(quantity(energy["value"], "J"), _small(f"in {text(energy['duration'], 'ms')}"))}


def _small(words: str) -> Markup:
    return Markup(f'<span class="spread">{words}</span>')  # noqa: S704 - a number, and words of ours


def _with(number: Markup, beside: Markup) -> Markup:
    return Markup(f"{number} {beside}")  # noqa: S704 - both are safe
