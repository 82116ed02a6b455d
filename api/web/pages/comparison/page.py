"""`/compare?session=ID&session=ID&model=NAME&baseline=ID/NAME&digests=any`: comparison of sessions and models."""

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import Any

from flask import request, url_for

from api.comparisons.columns import MAX_COLUMNS, Column, baseline_of, test_types
from api.comparisons.columns import columns as columns_of
from api.comparisons.obstacles import REPLACED
from api.comparisons.tests import ComparedTest, Comparer, controlled
from api.web.pages.comparison import columns, methods, outcomes, sections
from api.web.pages.comparison.columns import ColumnFact
from api.web.pages.comparison.outcomes import Summary
from api.web.pages.comparison.sections import ComparedSection, Titles
from api.web.pages.faults import attempted
from api.web.pages.layout import resource, streamed
from common.errors import Unavailable
from common.store.earlier import samples as stored
from common.store.earlier.samples import TestSamples
from common.store.lists import sessions as lists
from common.store.tables import Session
from common.units import model_name

MAX_CHOICES = 20
MAX_SEARCH_LENGTH = 255
KEPT = ("session", "model", "baseline", "digests")
ANY = "any"
"""The value of `digests` that compares a model with its replacement under the same name."""


@resource.get("/compare")
def compare() -> Iterator[str]:
    asked = list(dict.fromkeys(request.args.getlist("session")))
    asked, beyond = asked[:MAX_COLUMNS], asked[MAX_COLUMNS:]
    models = [model_name(name) for name in request.args.getlist("model")]
    sessions = stored.sessions(asked)
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
        any_digest=_any_digest(),
        replaced=REPLACED,
        badge=sections.badge,
        better_text=sections.better_text,
        verdict_text=sections.verdict_text,
        session_title=columns.session_title,
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
    shown = columns_of(sessions, models, [test for tests in samples.values() for test in tests or ()])
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
        "comparison": Comparison(shown, baseline, names, any_digest=_any_digest()),
        "links": {column.letter: _url(baseline=column.key) for column in shown},
        "any_digest_url": _url(digests=ANY),
    }


def _any_digest() -> bool:
    """Return whether a model is compared with its replacement under the same name."""
    return request.args.get("digests") == ANY


def _samples(session: Session) -> list[TestSamples] | None:
    """Return the tests of a session, or None if they cannot be read."""
    return attempted(f"results of {session.id}", partial(stored.samples, [session.id]), passing=(Unavailable,))


class Comparison:
    """A comparison of columns with one of them.

    Its verdicts take some time to compute. They are computed when the page reaches them, after the top of the page was
    sent.
    """

    def __init__(self, shown: Sequence[Column], baseline: Column, names: Titles, *, any_digest: bool) -> None:
        self._shown = shown
        self._baseline = baseline
        self._names = names
        self._comparer = Comparer(shown, baseline, any_digest=any_digest)

    @cached_property
    def _made(self) -> dict[str, ComparedTest | None]:
        """The test types, None if a fault occurred."""
        return {name: attempted(name, partial(self._comparer.test, name)) for name in test_types(self._shown)}

    @cached_property
    def tests(self) -> list[ComparedTest]:
        return controlled([test for test in self._made.values() if test])

    @cached_property
    def _shown_tests(self) -> dict[str, ComparedSection | None]:
        """The sections, None if a fault occurred."""
        return {test.name: attempted(test.name, partial(sections.section, test, self._names)) for test in self.tests}

    @property
    def sections(self) -> list[ComparedSection]:
        return [section for section in self._shown_tests.values() if section]

    @property
    def faults(self) -> list[str]:
        """The test types that could not be compared or shown."""
        return [name for name in self._made if self._shown_tests.get(name) is None]

    @cached_property
    def facts(self) -> list[ColumnFact]:
        return columns.facts(self._shown)

    @cached_property
    def unlike_options(self) -> list[ColumnFact]:
        return columns.option_facts(self._shown, self._baseline)

    @cached_property
    def summary(self) -> Summary:
        return outcomes.summary(self.tests)

    @cached_property
    def methods(self) -> list[str]:
        return methods.sentences(self.tests, self._shown, self._baseline)

    @cached_property
    def together(self) -> str:
        return methods.together(self.tests)


def _url(**changed: str) -> str:
    """Return the URL of this comparison with other arguments."""
    kept: dict[str, Any] = {name: request.args.getlist(name) for name in KEPT if request.args.getlist(name)}
    return url_for("pages.compare", **{**kept, **changed})
