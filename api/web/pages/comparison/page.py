"""`/compare?session=ID&session=ID&model=NAME&baseline=ID/NAME`: comparison of sessions and models."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from flask import request, url_for

from api.web.pages.comparison import columns, outcomes, sections
from api.web.pages.comparison.columns import Column, ColumnFact
from api.web.pages.comparison.outcomes import Summary
from api.web.pages.comparison.sections import ComparedSection, Titles
from api.web.pages.faults import attempted
from api.web.pages.layout import resource, streamed
from common.errors import Unavailable
from common.store import history
from common.store.history import TestSamples
from common.store.lists import sessions as lists
from common.store.tables import Session
from common.units import model_name

MAX_CHOICES = 20
MAX_SEARCH_LENGTH = 255


@resource.get("/compare")
def compare() -> Iterator[str]:
    asked = list(dict.fromkeys(request.args.getlist("session")))
    asked, beyond = asked[: columns.MAX_COLUMNS], asked[columns.MAX_COLUMNS :]
    models = [model_name(name) for name in request.args.getlist("model")]
    sessions = history.sessions(asked)
    listed, search = _choices(sessions)
    return streamed(
        "comparison/page.html",
        sessions=sessions,
        missing=[name for name in asked if name not in {session.id for session in sessions}],
        models=list(dict.fromkeys(model["name"] for session in sessions for model in session.models)),
        wanted_models=models,
        listed=listed,
        search=search,
        beyond=len(beyond),
        **_compared(sessions, models),
    )


def _choices(sessions: Sequence[Session]) -> tuple[list[Session], str]:
    """Return the chosen sessions, then the newest that match the search, and the text searched for."""
    search = request.args.get("search", "")[:MAX_SEARCH_LENGTH].strip()
    chosen = {session.id for session in sessions}
    found = lists.newest(lists.SessionFilter(search=search or None), MAX_CHOICES)
    return [*sessions, *(session for session in found if session.id not in chosen)], search


def _compared(sessions: Sequence[Session], models: Sequence[str]) -> dict[str, Any]:
    samples = {session: _samples(session) for session in sessions}
    shown = columns.columns(sessions, models, [test for tests in samples.values() for test in tests or ()])
    asked_for = sum(not models or model["name"] in models for session in sessions for model in session.models)
    if not shown:
        return {"columns": [], "left_out": 0, "unreadable": []}
    baseline = baseline_of(shown, request.args.get("baseline", ""))
    names = columns.titles(shown)
    return {
        "columns": shown,
        "left_out": asked_for - len(shown),
        "unreadable": [session for session, tests in samples.items() if tests is None],
        "baseline": baseline,
        "names": names,
        "comparison": Comparison(shown, baseline, names),
        "links": {column.letter: _with_baseline(column) for column in shown},
    }


def _samples(session: Session) -> list[TestSamples] | None:
    """Return the tests of a session, or None if they cannot be read."""
    return attempted(f"results of {session.id}", partial(history.samples, [session.id]), passing=(Unavailable,))


@dataclass(frozen=True)
class Comparison:
    """A comparison of columns with one of them.

    Its intervals take some time to compute. They are computed when the page reaches them, after the top of the page was
    sent.
    """

    shown: Sequence[Column]
    baseline: Column
    names: Titles

    @cached_property
    def _made(self) -> dict[str, ComparedSection | None]:
        """The sections by test type, None if a fault occurred."""
        return {
            name: attempted(name, partial(sections.section, name, self.shown, self.baseline, self.names))
            for name in sections.test_types(self.shown)
        }

    @property
    def sections(self) -> list[ComparedSection]:
        return [section for section in self._made.values() if section]

    @property
    def faults(self) -> list[str]:
        """The test types whose sections could not be made."""
        return [name for name, section in self._made.items() if section is None]

    @cached_property
    def facts(self) -> list[ColumnFact]:
        return columns.facts(self.shown)

    @cached_property
    def summary(self) -> Summary:
        return outcomes.summary(self.sections)


def baseline_of(shown: Sequence[Column], wanted: str) -> Column:
    """Return the column whose key is `wanted`, or the first of the session `wanted`, or the first column."""
    exact = [column for column in shown if column.key == wanted]
    of_session = [column for column in shown if column.session.id == wanted.partition("/")[0]]
    return [*exact, *of_session, *shown][0]


def _with_baseline(column: Column) -> str:
    """Return the URL of this comparison with another baseline."""
    kept: dict[str, Any] = {name: request.args.getlist(name) for name in ("session", "model")}
    return url_for("pages.compare", **kept, baseline=column.key)
