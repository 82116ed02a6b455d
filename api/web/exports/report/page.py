"""The HTML report of a session, sent while it is rendered: each test type is read when its turn comes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import render_template
from markupsafe import Markup

from api.formats.tables.writers.interval_texts import interval_text
from api.web.assets import STATIC
from api.web.pages.charts.svg.picture import picture
from api.web.pages.session.facts import MetricFact
from api.web.pages.session.measured_test import MeasuredTest, unit
from api.web.pages.session.results import Results
from api.web.pages.session.sections import ModelCell, TestTypeSection
from common.catalogue.grades import SENTENCES
from common.catalogue.wording import point_text
from common.stats.distribution import Distribution
from common.store.reads.lists.headlines import headline_metrics
from common.store.tables import Session

SHEETS = (STATIC / "styles/colours.css", STATIC / "styles/drawings.css", Path(__file__).with_name("report.css"))
STYLES = Markup("".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS))  # noqa: S704 - files of ours
HEIGHT = 220.0
"""Of a chart, in pixels."""


@dataclass(frozen=True)
class PointRow:
    """The headline metric of a model at one point. `grade` is that of the test, `first` marks its first row."""

    cell: ModelCell
    at: str
    statistic: Distribution | None
    grade: str | None
    first: bool

    @property
    def median(self) -> MetricFact:
        """The median, without its interval, which has a column of its own."""
        return MetricFact(self._headline, self.statistic["value"] if self.statistic else None, None)

    @property
    def interval(self) -> str:
        """The 95 % interval of the median, such as `41.5 to 42.9 tok/s`."""
        return interval_text(self.statistic, unit(self._headline))

    @property
    def _headline(self) -> str:
        return self.cell.measured.headline if self.cell.measured else ""


def report(session: Session) -> Iterator[str]:
    """Yield the parts of the report. The tests of `session` need no metrics loaded."""
    results = Results(session)
    grades = {test: found.grade for test, found in headline_metrics(test.id for test in session.tests).items()}
    yield render_template(
        "report/head.html", session=session, styles=STYLES, rows=results.overview(), cautions=results.cautions()
    )
    for test_type in session.test_types:
        section = results.read(test_type, with_logs=False)
        if section.has_ended:
            charts = [(figure, picture(figure, HEIGHT)) for figure in section.figures]
            rows = list(point_rows(section, grades))
            yield render_template("report/section.html", section=section, rows=rows, charts=charts, grades=SENTENCES)
    yield render_template("report/foot.html", session=session)


def point_rows(section: TestTypeSection, grades: dict[int, str | None]) -> Iterator[PointRow]:
    """Yield the rows of the table of a test type: each point of each model, or one row for a test that failed."""
    for cell in section.cells:
        known = list(_points(cell.measured)) if cell.measured else [("", None)]
        for number, (at, statistic) in enumerate(known):
            yield PointRow(cell, at, statistic, grades.get(cell.test.id), first=number == 0)


def _points(test: MeasuredTest) -> Iterator[tuple[str, Distribution | None]]:
    for point, statistics in test.points:
        yield point_text(point), statistics.get(test.headline)
