"""A test type on a session's page: the models side by side, charts, verdicts, readings and runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from api.web.pages.charts import charts
from api.web.pages.charts.figures import Figure
from api.web.pages.presentation.formatting import point_text, scaled
from api.web.pages.session import phases
from api.web.pages.session.facts import AnswerFact, MetricFact, fact
from api.web.pages.session.measured_test import MeasuredTest, unit
from common.catalogue.grades import grade
from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES
from common.catalogue.verdicts.verdict_type import Grade
from common.records.answers import answer
from common.records.test_metrics import FALLBACK
from common.records.verdicts import VerdictRecord
from common.store.reads.runs import RunMetrics
from common.store.tables import Phase, Status, Test
from common.values.units import three_digits

LAST_LINES = 5
STATUSES = {
    Phase.QUEUED: "waiting",
    Phase.PREPARING: "preparing",
    Phase.WARMING_UP: "warming up",
    Phase.MEASURING: "measuring",
    Phase.CANCELLED: "not run",
}


@dataclass(frozen=True)
class ModelCell:
    """One model in one test type, in any state.

    `measured` is None unless the test has completed. `series` gives the model its colour. `found` are the verdicts on a
    test that has failed.
    """

    test: Test
    series: int
    measured: MeasuredTest | None
    log: Sequence[str]
    found: Sequence[VerdictRecord] = ()

    @property
    def model(self) -> str:
        return self.test.model

    @property
    def status(self) -> str:
        """The state of the test in a word or two."""
        if self.test.phase == Phase.CANCELLED or self.test.status == Status.RUNNING:
            return STATUSES.get(Phase(self.test.phase), self.test.phase)
        return "failed" if self.test.status == Status.ERROR else "completed"

    @cached_property
    def answer(self) -> AnswerFact | None:
        """The test's answer to the question of its type; None unless it has completed."""
        return AnswerFact(answer(self.test.test_type, self.measured.metrics)) if self.measured else None

    @property
    def headline_metric(self) -> str:
        """The headline metric of the test, also if it has failed."""
        if self.measured:
            return self.measured.headline
        declared = TEST_TYPES.get(self.test.test_type)
        return declared.headline if declared else FALLBACK

    @cached_property
    def grade(self) -> Grade | None:
        """How well the result can be trusted; None if that is unknown, or if there is no result."""
        return grade(self.measured.metrics.verdicts) if self.measured else None

    @property
    def beside(self) -> list[MetricFact]:
        """The known metrics next to the answer, without one that is the answer."""
        shown = self.answer.found if self.answer else None
        facts = [self.fact(metric) for metric in _beside(self.test.test_type)]
        return [
            each
            for each in facts
            if each.value is not None and not (shown and shown.metric == each.metric and shown.value == each.value)
        ]

    def fact(self, metric: str) -> MetricFact:
        return fact(self.measured, metric) if self.measured else MetricFact(metric, None, None)

    @property
    def verdicts(self) -> Sequence[VerdictRecord]:
        """The verdicts on the test, also if it has failed."""
        return self.measured.metrics.verdicts if self.measured else self.found

    @property
    def last_lines(self) -> str:
        return "\n".join(self.log[-LAST_LINES:])

    @property
    def rejected(self) -> int:
        runs = self.measured.metrics.runs if self.measured else None
        return runs["rejected"] if runs else 0


@dataclass(frozen=True)
class TestTypeSection:
    """One test type of a session."""

    test_type: str
    cells: Sequence[ModelCell]

    @property
    def title(self) -> str:
        """What the type measures in plain words; its name for a type of another release."""
        declared = TEST_TYPES.get(self.test_type)
        return declared.title if declared else self.test_type

    @property
    def question(self) -> str:
        """What the type asks; empty for a type of another release."""
        declared = TEST_TYPES.get(self.test_type)
        return declared.question if declared else ""

    @property
    def answer_label(self) -> str:
        """What the answers are about, with their conditions; empty if they are not all about the same thing."""
        found = {cell.answer.label for cell in self.cells if cell.answer}
        return found.pop() if len(found) == 1 else ""

    @cached_property
    def measured(self) -> list[MeasuredTest]:
        return [cell.measured for cell in self.cells if cell.measured]

    @property
    def failed(self) -> list[ModelCell]:
        return [cell for cell in self.cells if cell.test.status == Status.ERROR]

    @property
    def beside(self) -> list[str]:
        """The metrics shown next to the headline metric, if any model has a value."""
        return [
            metric
            for metric in _beside(self.test_type)
            if any(cell.fact(metric).value is not None for cell in self.cells)
        ]

    @property
    def has_ended(self) -> bool:
        """Whether any of the tests has ended."""
        return bool(self.measured or self.failed)

    @cached_property
    def figures(self) -> list[Figure]:
        return charts(self.test_type, self.measured)

    @cached_property
    def phases(self) -> phases.PhaseTable | None:
        return phases.table(self.measured)

    @property
    def further(self) -> list[tuple[str, list[MetricFact]]]:
        """Each metric that any model has, with its value for each model, in the catalogue's order."""
        rows = [(metric, [fact(test, metric) for test in self.measured]) for metric in METRICS]
        return [(metric, facts) for metric, facts in rows if any(each.value is not None for each in facts)]

    @cached_property
    def runs(self) -> list[tuple[str, str, str]]:
        """The headline metric of all runs as text: (model, point, values) for each point of each model."""
        return [
            (test.model, point_text(test.conditions_at(index)), _values(test, index))
            for test in self.measured
            for index in range(len(test.run_conditions))
            if test.runs_at(index)
        ]


def _beside(test_type: str) -> tuple[str, ...]:
    """Return the metrics to show next to the headline metric of a type."""
    declared = TEST_TYPES.get(test_type)
    return declared.beside if declared else ()


def _values(test: MeasuredTest, index: int) -> str:
    """Return the values of the runs, such as `41.5, 42.0 (outlier), 41.9 tok/s`."""
    metric, runs = test.headline, test.runs_at(index)
    known = [value for run in runs if (value := run.metrics.get(metric)) is not None]
    if not known:
        return "–"
    if len(known) == 1:  # a search, whose last run alone has a value
        runs = [run for run in runs if run.metrics.get(metric) is not None or test.verdicts_on(run)]
    largest = max(known, key=abs)
    number, shown = scaled(largest, unit(metric))
    factor = largest / number if number else 1.0
    outliers = test.outliers(index, metric)
    values = [_value(run.metrics.get(metric), factor) + _remark(test, run, outliers) for run in runs]
    return f"{', '.join(values)} {shown}".rstrip()


def _value(value: float | None, factor: float) -> str:
    return "–" if value is None else three_digits(value / factor)


def _remark(test: MeasuredTest, run: RunMetrics, outliers: set[int]) -> str:
    verdicts_on = test.verdicts_on(run)
    if not verdicts_on and run.repetition not in outliers:
        return ""
    remarks = ["outlier"] * (run.repetition in outliers) + verdicts_on
    return f" ({'; '.join(remarks)})"
