"""Sections of the page: one compared test type each, with its chart and the words for its verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.comparisons.points import ComparedPoint
from api.comparisons.tests import ComparedCell, ComparedTest
from api.comparisons.words.sentences import verdict_text as text_of
from api.web.pages.charts.figures import Figure
from api.web.pages.comparison.chart import chart
from common.catalogue.metrics import Metric
from common.catalogue.test_types import TEST_TYPES
from common.stats.comparing.comparison import Outcome

Titles = Mapping[str, str]
"""Titles of columns by their letters."""
BADGES = {Outcome.FASTER: "better", Outcome.SLOWER: "worse", Outcome.UNEXPLAINED_HERE: "unexplained"}


@dataclass(frozen=True)
class ComparedSection:
    """One test type in all columns, as the page shows it."""

    test: ComparedTest
    question: str
    figure: Figure

    @property
    def name(self) -> str:
        return self.test.name


def section(test: ComparedTest, names: Titles) -> ComparedSection:
    known = TEST_TYPES.get(test.name)
    return ComparedSection(test, known.question if known else "", chart(test.name, test.rows, names))


def better_text(metric: Metric) -> str:
    return {"lower": "lower is better", "higher": "higher is better", "neither": ""}[metric.better]


def badge(outcome: Outcome | None) -> str:
    """Return the CSS class of an outcome's badge."""
    return BADGES.get(outcome, outcome.name.lower()) if outcome else ""


def verdict_text(compared: ComparedCell | ComparedPoint) -> str:
    """Return the change from the baseline in words, empty if there is no verdict."""
    return text_of(compared.verdict) if compared.verdict else ""
