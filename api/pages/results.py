"""What came out of a session, as HTML: the same for all who ask until one of its tests goes on or ends."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from itertools import groupby

from flask import render_template
from markupsafe import Markup

from api.errors import refuse
from api.pages import verdicts
from api.pages.charts import BESIDE_HEADLINES
from api.pages.charts.sustained import MEASURES
from api.pages.measured import Measured, headline, thinned
from api.pages.overview import overview
from api.pages.sections import Cell, Section
from common import bulk, queries
from common.models import Session, Status, Test

SUSTAINED = "sustained"
KEPT = 16
"""Sessions whose results are kept as they were rendered; of ten models under every test type they have a megabyte."""

State = tuple[tuple[tuple[int, str, str, datetime | None], ...], int | None]
"""How far each test is, and the newest line of the logs that may still grow."""


def html(session: Session) -> Markup:
    """The results of a session, of whose tests no metrics are needed."""
    tests = tuple((test.id, test.status, test.phase, test.finished_at) for test in session.tests)
    return _rendered(session.id, (tests, bulk.last_line(session.id) if session.status == Status.RUNNING else None))


@lru_cache(KEPT)
def _rendered(session_id: str, _state: State) -> Markup:
    session = queries.session_with_tests(session_id)
    if session is None:
        refuse(HTTPStatus.NOT_FOUND, f"session {session_id} was deleted just now")
    sections = _sections(session)
    html = render_template(
        "session_results.html",
        session=session,
        sections=sections,
        overview=overview(sections),
        cautions=verdicts.cautions(test for section in sections for test in section.measured),
        findings=_findings(session, sections),
    )
    return Markup(html)  # noqa: S704 - rendered by a template that escapes


def _sections(session: Session) -> list[Section]:
    """Each test type with all models, in the session's order."""
    catalogue, logs = queries.catalogue(), bulk.logs(session.id)
    runs = bulk.figures(session.id, _charted(session))
    series = {model["name"]: number for number, model in enumerate(session.models)}
    cells: dict[str, list[Cell]] = {test_type: [] for test_type in session.test_types}
    for test in session.tests:
        number = series[test.model]
        measured = _measured(test, number, runs.get(test.id, []))
        cells[test.test_type].append(Cell(test, number, measured, logs.get(test.id, [])))
    return [
        Section(name, catalogue[name].question if name in catalogue else "", of_type) for name, of_type in cells.items()
    ]


def _charted(session: Session) -> set[str]:
    """The metrics of single runs that the page shows."""
    return {*(headline(test.metrics) for test in session.tests if test.metrics), *BESIDE_HEADLINES}


def _measured(test: Test, series: int, runs: list[bulk.Figures]) -> Measured | None:
    if test.metrics is None:
        return None
    of_parts = [list(of_part) for _, of_part in groupby(runs, lambda run: run.point)]
    shown = [run for of_part in of_parts for run in thinned(of_part, headline(test.metrics))]
    left_out = len(runs) - len(shown)
    some = [run.repetition for run in shown] if left_out else None
    written = bulk.written(test.id, MEASURES, some) if test.test_type == SUSTAINED else []
    return Measured(test.model, series, test.options, test.metrics, shown, written, left_out)


def _findings(session: Session, sections: Sequence[Section]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What came out, as sentences: (model, [(test type, sentence)]), of models that have any."""
    by_model: dict[str, list[tuple[str, str]]] = {model["name"]: [] for model in session.models}
    for section in sections:
        for test in section.measured:
            if "finding" in test.metrics:
                by_model[test.model].append((section.test_type, test.metrics["finding"]))
    return [(model, sentences) for model, sentences in by_model.items() if sentences]
