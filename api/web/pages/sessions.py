"""`/`: the list of sessions, newest first, with the progress of running ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from flask import render_template, request
from marshmallow import EXCLUDE, fields, validate
from redis.exceptions import RedisError

from api.app_state import redis
from api.http.parser import PARSER
from api.http.settings import settings
from api.schemas import Wire
from api.schemas.results import page
from api.schemas.text import Words, clean, text
from api.web.pages.faults import attempted
from api.web.pages.layout import resource
from api.web.pages.session.live import ended
from common.catalogue.verdicts.verdict_type import Grade
from common.errors import Unavailable
from common.messaging import streams
from common.messaging.redis import PROGRESS
from common.stats.distribution import Distribution
from common.store.reads.lists import sessions as lists
from common.store.reads.lists.headlines import HeadlineResult, headline_metrics
from common.store.reads.states import State, state_of
from common.store.tables import Phase, Session, Status, Test

PAGE_SIZE = 20
MAX_RESULTS = 3
"""Maximum number of results in the row of a session. The others are on its own page."""


def form_field(max_length: int) -> fields.String:
    """Return a text field of a form, which browsers send even if it is empty."""
    return fields.String(load_default="", validate=[validate.Length(max=max_length), clean])


class ListQuery(Wire):
    """The filters of the list. Scripts that ask for its `part` alone get nothing of what stands above it."""

    search = form_field(200)
    tags = Words(text(255), load_default=[])
    host = form_field(100)
    status = fields.String(load_default="", validate=validate.OneOf(["", *State]))
    part = fields.String(load_default="")
    page = page()


@dataclass(frozen=True)
class ShownResult:
    """A completed test with the `statistic` of its headline metric, and its grade."""

    test: Test
    statistic: Distribution
    grade: str | None


@dataclass(frozen=True)
class SessionRow:
    """A session in the list.

    `progress` is in percent. `further` counts the results that are
    not among the shown `results`.
    """

    session: Session
    state: State
    progress: float
    results: list[ShownResult]
    further: int
    failed: int

    @property
    def badge(self) -> str:
        """The look of the state. Only sessions without failures, and with clean results, look like a success."""
        is_doubtful = self.failed or any(result.grade != Grade.CLEAN for result in self.results)
        return "doubtful" if self.state == State.COMPLETED and is_doubtful else self.state


@resource.get("/")
def sessions() -> str:
    query = PARSER.parse(ListQuery(), request, location="query", unknown=EXCLUDE)
    wanted = lists.SessionFilter(
        query["search"] or None,
        query["tags"],
        query["host"] or None,
        states=[State(query["status"])] if query["status"] else [],
    )
    newest = (
        _newest()
    )  # before the sessions are read, so that a test that ends meanwhile is published again, not missed
    found, total = lists.session_outlines(wanted, query["page"], PAGE_SIZE)
    read = partial(headline_metrics, [test.id for session in found for test in _first(session)], statistics=True)
    results = attempted("Results", read, passing=(Unavailable,))
    return render_template(
        "sessions.html",
        sessions=found,
        results=results or {},
        is_readable=results is not None,
        total=total,
        pages=-(-total // PAGE_SIZE),
        query=query,
        hosts=list(settings().ollama_hosts),
        states=list(State),
        newest=newest,
    )


@resource.app_template_global()
def row_of(session: Session, results: Mapping[int, HeadlineResult]) -> SessionRow:
    """Return the row of a session. `results` holds the known headline metrics by test id."""
    return SessionRow(
        session,
        state_of(session),
        100 * ended(session) / len(session.tests),
        [found for test in _first(session) if test.id in results and (found := _shown(test, results[test.id]))],
        len(_completed(session)) - len(_first(session)),
        sum(test.status == Status.ERROR for test in session.tests) if session.phase != Phase.CANCELLED else 0,
    )


def _shown(test: Test, result: HeadlineResult) -> ShownResult | None:
    headline = result.metrics.get("headline") or {}
    statistic = (result.metrics.get("statistics") or {}).get(headline.get("name"))
    return ShownResult(test, statistic, result.grade) if statistic else None


def _first(session: Session) -> list[Test]:
    """Return the tests whose results are in the row: of several models, only one."""
    models = {test.model for test in session.tests}
    return _completed(session)[: MAX_RESULTS if len(models) == 1 else 1]


def _completed(session: Session) -> list[Test]:
    return [test for test in session.tests if test.status == Status.COMPLETED]


def _newest() -> int | None:
    """Return the seq of the last message, up to which the page is current. None without Redis: the page is not live."""
    try:
        return next((seq for seq, _ in streams.newest(redis(), PROGRESS)), 0)
    except RedisError:
        return None
