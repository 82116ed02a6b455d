"""`/compare?session=ID&session=ID&model=NAME&baseline=ID/NAME&digests=any`: comparison of sessions and models."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any

from flask import request, url_for

from api.comparisons.columns import MAX_COLUMNS, columns, test_types
from api.comparisons.comparison import Comparison
from api.comparisons.obstacles import REPLACED
from api.comparisons.tests import ComparedTest
from api.comparisons.words.facts import session_title
from api.comparisons.words.methods import CLOSING
from api.web.pages.comparison import sections
from api.web.pages.comparison.sections import ComparedSection
from api.web.pages.faults import attempted
from api.web.pages.layout import resource, streamed
from common.errors import Unavailable
from common.store.earlier import samples as stored
from common.store.earlier.samples import TestSamples
from common.store.reads.lists import sessions as lists
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
        session_title=session_title,
        closing=CLOSING,
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
    shown = columns(sessions, models, [test for tests in samples.values() for test in tests or ()])
    asked_for = sum(not models or model["name"] in models for session in sessions for model in session.models)
    if not shown:
        return {"columns": [], "left_out": 0, "unreadable": []}
    comparison = ShownComparison(shown, request.args.get("baseline", ""), any_digest=_any_digest())
    return {
        "columns": shown,
        "left_out": asked_for - len(shown),
        "unreadable": [session for session, tests in samples.items() if tests is None],
        "baseline": comparison.baseline,
        "is_by_model": "/" not in request.args.get("baseline", ""),
        "names": comparison.titles,
        "comparison": comparison,
        "links": {column.letter: _url(baseline=column.key) for column in shown},
        "any_digest_url": _url(digests=ANY),
    }


def _any_digest() -> bool:
    """Return whether a model is compared with its replacement under the same name."""
    return request.args.get("digests") == ANY


def _samples(session: Session) -> list[TestSamples] | None:
    """Return the tests of a session, or None if they cannot be read."""
    return attempted(f"results of {session.id}", partial(stored.samples, [session.id]), passing=(Unavailable,))


class ShownComparison(Comparison):
    """A comparison as the page shows it: a fault costs the test type that it is in.

    Its verdicts are computed when the page reaches them, after the top of the page was sent.
    """

    @cached_property
    def _by_type(self) -> dict[str, ComparedTest | None]:
        """The test types, None if a fault occurred."""
        return {name: attempted(name, partial(self.test, name)) for name in test_types(self.shown)}

    def _made(self) -> Iterable[ComparedTest]:
        return filter(None, self._by_type.values())

    @cached_property
    def _shown_tests(self) -> dict[str, ComparedSection | None]:
        """The sections, None if a fault occurred."""
        return {test.name: attempted(test.name, partial(sections.section, test, self.titles)) for test in self.tests}

    @property
    def sections(self) -> list[ComparedSection]:
        return [section for section in self._shown_tests.values() if section]

    @property
    def faults(self) -> list[str]:
        """The test types that could not be compared or shown."""
        return [name for name in self._by_type if self._shown_tests.get(name) is None]


def _url(**changed: str) -> str:
    """Return the URL of this comparison with other arguments."""
    kept: dict[str, Any] = {name: request.args.getlist(name) for name in KEPT if request.args.getlist(name)}
    return url_for("pages.compare", **{**kept, **changed})
