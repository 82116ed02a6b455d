"""`/sessions/ID`: one session, from when it waits to when it is history."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import render_template, url_for

from api.context import settings
from api.errors import refuse
from api.pages import repeat, verdicts
from api.pages.charts import BESIDE_HEADLINES
from api.pages.charts.sustained import MEASURES
from api.pages.frame import resource
from api.pages.measured import Measured, headline, thinned
from api.pages.overview import overview
from api.pages.sections import Cell, Section
from common import queries
from common.models import Session, Status, Test

SUSTAINED = "sustained"


@resource.get("/sessions/<uuid:session_id>")
def session(session_id: UUID) -> str:
    found = queries.session_with_tests(str(session_id))
    if found is None:
        refuse(HTTPStatus.NOT_FOUND, f"there is no session {session_id}")
    sections = _sections(found)
    return render_template("session.html", session=found, sections=sections, **_shown(found, sections))


def _shown(session: Session, sections: Sequence[Section]) -> Mapping[str, Any]:
    address = url_for("sessions.create", _external=True)
    locked = bool(settings().api_keys or settings().read_only_keys)
    return {
        "overview": overview(sections),
        "cautions": verdicts.cautions(test for section in sections for test in section.measured),
        "findings": _findings(session, sections),
        "done": sum(test.status != Status.RUNNING for test in session.tests),
        "machine": list(repeat.machine(session.hardware.inventory)) if session.hardware else [],
        "missing": (session.hardware.inventory.get("missing") or {}) if session.hardware else {},
        "options": repeat.options(session),
        "curl": repeat.curl(session, address, locked=locked),
    }


def _sections(session: Session) -> list[Section]:
    """Each test type with all models, in the session's order."""
    catalogue, logs = queries.catalogue(), queries.logs(session.id)
    runs = queries.figures(session.id, _charted(session))
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


def _measured(test: Test, series: int, runs: list[queries.Figures]) -> Measured | None:
    if test.metrics is None:
        return None
    of_parts = [list(of_part) for _, of_part in groupby(runs, lambda run: run.point)]
    shown = [run for of_part in of_parts for run in thinned(of_part, headline(test.metrics))]
    left_out = len(runs) - len(shown)
    some = [run.repetition for run in shown] if left_out else None
    written = queries.written(test.id, MEASURES, some) if test.test_type == SUSTAINED else []
    return Measured(test.model, series, test.options, test.metrics, shown, written, left_out)


def _findings(session: Session, sections: Sequence[Section]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What came out, as sentences: (model, [(test type, sentence)]), of models that have any."""
    by_model: dict[str, list[tuple[str, str]]] = {model["name"]: [] for model in session.models}
    for section in sections:
        for test in section.measured:
            if "finding" in test.metrics:
                by_model[test.model].append((section.test_type, test.metrics["finding"]))
    return [(model, sentences) for model, sentences in by_model.items() if sentences]
