"""What a session's page shows of each test type: the models side by side, charts, what a reader must know, the runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from api.web.pages.charts import charts
from api.web.pages.charts.figures import Figure
from api.web.pages.comparison.samples import Measured, unit
from api.web.pages.formatting import point_text, quantity, scaled, spread
from api.web.pages.session import phases, verdicts
from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES
from common.stats.distribution import Distribution
from common.store.runs import RunMetrics
from common.store.tables import Phase, Status, Test
from common.units import three_digits

LAST_LINES = 5
WORDS = {
    Phase.QUEUED: "waits",
    Phase.PREPARING: "is prepared",
    Phase.WARMING_UP: "warms up",
    Phase.MEASURING: "is measured",
    Phase.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class Fact:
    """A metric of a test; the spread is None where it is no metric of single runs."""

    metric: str
    value: float | None
    statistic: Distribution | None

    def __html__(self) -> str:
        """The number, its unit, and how sure it is, as a template shows it. A page has thousands."""
        number = quantity(self.value, unit(self.metric))
        return f"{number} {spread(self.statistic)}" if self.statistic else number


@dataclass(frozen=True)
class Cell:
    """A model under a test type, however far it is; `measured` is None unless it has completed. `series` is the model's
    number in the session.
    """

    test: Test
    series: int
    measured: Measured | None
    log: Sequence[str]

    @property
    def model(self) -> str:
        return self.test.model

    @property
    def standing(self) -> str:
        """In a word or two."""
        if self.test.phase == Phase.CANCELLED or self.test.status == Status.RUNNING:
            return WORDS.get(Phase(self.test.phase), self.test.phase)
        return "failed" if self.test.status == Status.ERROR else "completed"

    @cached_property
    def headline(self) -> Fact | None:
        return fact(self.measured, self.measured.headline) if self.measured else None

    @property
    def at(self) -> str:
        """The point that stands for the test; empty where it has but one."""
        return point_text(self.measured.main_point) if self.measured else ""

    @property
    def beside(self) -> list[Fact]:
        found = [self.fact(metric) for metric in _beside(self.test.test_type)]
        return [each for each in found if each.value is not None]

    def fact(self, metric: str) -> Fact:
        return fact(self.measured, metric) if self.measured else Fact(metric, None, None)

    @property
    def last_lines(self) -> str:
        return "\n".join(self.log[-LAST_LINES:])

    @property
    def rejected(self) -> int:
        runs = self.measured.metrics.runs if self.measured else None
        return runs["rejected"] if runs else 0


@dataclass(frozen=True)
class Section:
    """A test type of a session. `question` is empty for a type of another release."""

    test_type: str
    question: str
    cells: Sequence[Cell]

    @cached_property
    def measured(self) -> list[Measured]:
        return [cell.measured for cell in self.cells if cell.measured]

    @property
    def failed(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.test.status == Status.ERROR]

    @property
    def beside(self) -> list[str]:
        """The metrics that are read together with the headline, of which any model has one."""
        return [
            metric
            for metric in _beside(self.test_type)
            if any(cell.fact(metric).value is not None for cell in self.cells)
        ]

    @property
    def has_ended(self) -> bool:
        """Whether there is anything to show yet."""
        return bool(self.measured or self.failed)

    @cached_property
    def figures(self) -> list[Figure]:
        return charts(self.test_type, self.measured)

    @cached_property
    def verdicts(self) -> list[verdicts.ShownVerdict]:
        return verdicts.shown_verdicts(self.measured)

    @cached_property
    def phases(self) -> phases.PhaseTable | None:
        return phases.table(self.measured)

    @property
    def further(self) -> list[tuple[str, list[Fact]]]:
        """Each metric that any of the models has, with its fact of each, in the metrics' order."""
        rows = [(metric, [fact(test, metric) for test in self.measured]) for metric in METRICS]
        return [(metric, facts) for metric, facts in rows if any(each.value is not None for each in facts)]

    @cached_property
    def runs(self) -> list[tuple[str, str, str]]:
        """(model, point, the runs' values of the headline metric in words) of each point of each model."""
        return [
            (test.model, point_text(test.named(part)), _values(test, part))
            for test in self.measured
            for part in range(len(test.parts))
            if test.runs_at(part)
        ]


def _beside(test_type: str) -> tuple[str, ...]:
    """Return the metrics to show next to the headline metric of a type."""
    declared = TEST_TYPES.get(test_type)
    return declared.beside if declared else ()


def fact(test: Measured, metric: str) -> Fact:
    return Fact(metric, test.metrics.get(metric), test.statistic(metric))


def _values(test: Measured, part: int) -> str:
    """`41.5, 42.0 (outlier), 41.9 tok/s`."""
    metric, runs = test.headline, test.runs_at(part)
    known = [value for run in runs if (value := run.metrics.get(metric)) is not None]
    if not known:
        return "–"
    largest = max(known, key=abs)
    number, shown = scaled(largest, unit(metric))
    factor = largest / number if number else 1.0
    outliers = test.outliers(part, metric)
    said = [_value(run.metrics.get(metric), factor) + _remark(test, run, outliers) for run in runs]
    return f"{', '.join(said)} {shown}".rstrip()


def _value(value: float | None, factor: float) -> str:
    return "–" if value is None else three_digits(value / factor)


def _remark(test: Measured, run: RunMetrics, outliers: set[int]) -> str:
    verdicts_on = test.verdicts_on(run)
    if not verdicts_on and run.repetition not in outliers:
        return ""
    remarks = ["outlier"] * (run.repetition in outliers) + verdicts_on
    return f" ({'; '.join(remarks)})"
