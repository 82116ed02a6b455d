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
from common.errors import Unavailable
from common.messaging import streams
from common.messaging.redis import PROGRESS
from common.stats.distribution import Distribution
from common.store import sessions as stored_sessions
from common.store.lists import sessions as lists
from common.store.states import State, state_of
from common.store.tables import Phase, Session, Status, Test

PAGE_SIZE = 20
MAX_RESULTS = 3
"""Maximum number of results in the row of a session. The others are on its own page."""


def form_field(max_length: int) -> fields.String:
    """Return a text field of a form, which browsers send even if it is empty."""
    return fields.String(load_default="", validate=[validate.Length(max=max_length), clean])


class ListQuery(Wire):
    search = form_field(200)
    tags = Words(text(255), load_default=[])
    host = form_field(100)
    status = fields.String(load_default="", validate=validate.OneOf(["", *State]))
    page = page()


@dataclass(frozen=True)
class HeadlineResult:
    """A completed test with the `statistic` of its headline metric."""

    test: Test
    statistic: Distribution


@dataclass(frozen=True)
class SessionRow:
    """A session in the list.

    `progress` is in percent. `further` counts the results that are
    not among the shown `results`.
    """

    session: Session
    state: State
    progress: float
    results: list[HeadlineResult]
    further: int
    failed: int


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
    read = partial(stored_sessions.headlines, [test.id for session in found for test in _first(session)])
    statistics = attempted("Results", read, passing=(Unavailable,))
    return render_template(
        "sessions.html",
        sessions=found,
        statistics=statistics or {},
        is_readable=statistics is not None,
        total=total,
        pages=-(-total // PAGE_SIZE),
        query=query,
        hosts=list(settings().ollama_hosts),
        states=list(State),
        newest=newest,
    )


@resource.app_template_global()
def row_of(session: Session, statistics: Mapping[int, Distribution]) -> SessionRow:
    """Return the row of a session. `statistics` holds the known headline statistics by test id."""
    return SessionRow(
        session,
        state_of(session),
        100 * ended(session) / len(session.tests),
        [HeadlineResult(test, statistics[test.id]) for test in _first(session) if test.id in statistics],
        max(0, len(_completed(session)) - MAX_RESULTS),
        sum(test.status == Status.ERROR for test in session.tests) if session.phase != Phase.CANCELLED else 0,
    )


def _first(session: Session) -> list[Test]:
    return _completed(session)[:MAX_RESULTS]


def _completed(session: Session) -> list[Test]:
    return [test for test in session.tests if test.status == Status.COMPLETED]


def _newest() -> int | None:
    """Return the seq of the last message, up to which the page is current. None without Redis: the page is not live."""
    try:
        return next((seq for seq, _ in streams.newest(redis(), PROGRESS)), 0)
    except RedisError:
        return None
