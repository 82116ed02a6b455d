"""Values on a session's page: a metric or an answer, as its number and, less prominently, its interval."""

from dataclasses import dataclass

from markupsafe import Markup

from api.web.pages.presentation.formatting import between, quantity, spread, spread_text
from api.web.pages.session.measured_test import MeasuredTest, unit
from common.records.answers import Answer
from common.stats.distribution import Distribution, Median


@dataclass(frozen=True)
class MetricFact:
    """One metric of a test. `statistic` is None if single runs have no value for it."""

    metric: str
    value: float | None
    statistic: Distribution | None

    def __html__(self) -> str:
        """Return the value with its unit and interval as HTML. A page has thousands of them."""
        return f"{self.number} {spread(self.statistic)}" if self.statistic else self.number

    @property
    def number(self) -> Markup:
        """The value with its unit as HTML."""
        return quantity(self.value, unit(self.metric))

    @property
    def interval(self) -> str:
        """The 95 % interval, and what it comes from; empty if single runs have no value."""
        return spread_text(self.statistic) if self.statistic else ""


@dataclass(frozen=True)
class AnswerFact:
    """The answer of a test to the question of its type."""

    found: Answer

    def __html__(self) -> str:
        """Return the value with its unit and interval as HTML."""
        return f"{self.number} {self.spread}" if self.spread else self.number

    @property
    def number(self) -> Markup:
        """The value with its unit as HTML."""
        return quantity(self.found.value, self.found.unit)

    @property
    def spread(self) -> Markup | None:
        """The interval as HTML; None if the value is not a median and has no range."""
        found = self.found
        if found.n is not None:
            return spread(Median(value=found.value, unit=found.unit, n=found.n, ci95=found.bounds))
        low, high = found.bounds or (None, None)
        return None if low is None or high is None or low == high else between(low, high, found.unit)

    @property
    def label(self) -> str:
        """What the answer is about, with its conditions."""
        return f"{self.found.label}, {self.found.at}" if self.found.at else self.found.label


def fact(test: MeasuredTest, metric: str) -> MetricFact:
    return MetricFact(metric, test.metrics.get(metric), test.statistic(metric))
