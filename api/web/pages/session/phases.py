"""Table of readings by phase: idle before the test, load, prefill and decode."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.web.pages.presentation.formatting import UNKNOWN, quantity, text
from api.web.pages.session.measured_test import MeasuredTest
from common.catalogue.readings import READINGS, Measure
from common.records.machine import Observation

PHASES = {"idle": "idle before the test", "load": "load", "prefill": "prefill", "decode": "decode"}
ALL_RUNS = "all runs"
ENERGY = "energy"


@dataclass(frozen=True)
class PhaseRow:
    """One model in one phase. `readings` is the number of readings in a mean, None if only peaks are known."""

    model: str
    phase: str
    readings: int | None
    cells: Mapping[str, Markup]

    def cell(self, name: str) -> Markup:
        return self.cells.get(name, UNKNOWN)


@dataclass(frozen=True)
class PhaseTable:
    """The table; `columns` are (name, title) of the measures known in any row."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[PhaseRow]


def table(tests: Sequence[MeasuredTest]) -> PhaseTable | None:
    """Return the table of these tests, or None without readings."""
    rows = [row for test in tests for row in _rows(test)]
    titles = {**{str(name): reading.label for name, reading in READINGS.items()}, ENERGY: "Energy"}
    columns = [(name, title) for name, title in titles.items() if any(name in row.cells for row in rows)]
    return PhaseTable(columns, rows) if columns else None


def _rows(test: MeasuredTest) -> Iterator[PhaseRow]:
    phases, peaks = test.metrics.phases, test.metrics.peaks
    for name, title in PHASES.items():
        if phase := phases.get(name):
            yield PhaseRow(test.model, title, phase["readings"], {**_levels(phase), **_energy(phase)})
    if known := {str(name): _peak(name, peak) for name in READINGS if (peak := peaks.get(name)) is not None}:
        yield PhaseRow(test.model, ALL_RUNS, None, known)


def _levels(phase: Observation) -> dict[str, Markup]:
    return {
        str(name): _with(quantity(level["mean"], READINGS[name].unit), _peak(name, level["peak"]))
        for name in READINGS
        if (level := phase[name])
    }


def _peak(name: Measure, value: float) -> Markup:
    return _small(f"peak {text(value, READINGS[name].unit)}")


def _energy(phase: Observation) -> dict[str, Markup]:
    """Return the energy and the duration in which it was used."""
    energy = phase["energy"]
    if not energy:
        return {}
    return {ENERGY: _with(quantity(energy["value"], "J"), _small(f"in {text(energy['duration'], 'ms')}"))}


def _small(words: str) -> Markup:
    return Markup(f'<span class="spread">{words}</span>')  # noqa: S704 - a number, and words of ours


def _with(number: Markup, beside: Markup) -> Markup:
    return Markup(f"{number} {beside}")  # noqa: S704 - both are safe
