"""`/`: the sessions, newest first; those that run show how they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from marshmallow import fields, validate
from redis.exceptions import RedisError

from api.app_state import redis
from api.http.openapi import PARSER
from api.http.settings import settings
from api.schemas import Wire
from api.schemas.results import page
from api.schemas.text import Words, clean, text
from api.web.pages.layout import resource
from api.web.pages.session.live import ended
from common.messaging import streams
from common.messaging.redis import PROGRESS
from common.store import sessions as stored_sessions
from common.store.tables import Phase, Session, Status, Test

Json = Mapping[str, Any]

A_PAGE = 20
NUMBERS = 3
"""So many of a session's results stand in its line; the others on its own page."""


def typed(longest: int) -> fields.String:
    """A field of a form, which is sent empty too."""
    return fields.String(load_default="", validate=[validate.Length(max=longest), clean])


class ListQuery(Wire):
    search = typed(200)
    tags = Words(text(64), load_default=[])
    host = typed(100)
    page = page()


@dataclass(frozen=True)
class Result:
    """The `statistic` by which a test is read first."""

    test: Test
    statistic: Json


@dataclass(frozen=True)
class Line:
    """A session in the list: `state` is its status, or `queued` or `cancelled`, and `progress` in percent. Beside the
    `results` that are shown there are so many `further` ones.
    """

    session: Session
    state: str
    progress: float
    results: list[Result]
    further: int
    failed: int


@resource.get("/")
def sessions() -> str:
    query = PARSER.parse(ListQuery(), request, location="query")
    wanted = stored_sessions.SessionFilter(query["search"] or None, query["tags"], query["host"] or None)
    newest = _newest()  # before the sessions are read: what ends meanwhile is told again, rather than never
    found, total = stored_sessions.session_outlines(wanted, query["page"], A_PAGE)
    statistics = stored_sessions.headlines(test.id for session in found for test in _first(session))
    return render_template(
        "sessions.html",
        lines=[line_of(session, statistics) for session in found],
        total=total,
        pages=-(-total // A_PAGE),
        query=query,
        hosts=list(settings().ollama_hosts),
        newest=newest,
    )


def line_of(session: Session, statistics: Mapping[int, Json]) -> Line:
    """`statistics` are those that are known of the first tests, by the tests' ids."""
    special = session.phase in (Phase.QUEUED, Phase.CANCELLED)
    return Line(
        session,
        session.phase if special else session.status,
        100 * ended(session) / len(session.tests),
        [Result(test, statistics[test.id]) for test in _first(session) if test.id in statistics],
        max(0, len(_completed(session)) - NUMBERS),
        sum(test.status == Status.ERROR for test in session.tests) if session.phase != Phase.CANCELLED else 0,
    )


def _first(session: Session) -> list[Test]:
    return _completed(session)[:NUMBERS]


def _completed(session: Session) -> list[Test]:
    return [test for test in session.tests if test.status == Status.COMPLETED]


def _newest() -> int | None:
    """The seq of the last message: the page knows all up to it. None where Redis is away: then nothing is live."""
    try:
        return next((seq for seq, _ in streams.newest(redis(), PROGRESS)), 0)
    except RedisError:
        return None
