"""`/`: the sessions, newest first, with the progress of running ones; above them what an owner asks first."""

from typing import Any

from flask import render_template, request
from marshmallow import EXCLUDE, fields, validate
from redis.exceptions import RedisError

from api.http.redis import redis
from api.http.requests.parser import PARSER
from api.http.settings import settings
from api.schemas import Wire
from api.schemas.results import page
from api.schemas.text import Words, clean, text
from api.web.pages.home.rows import badge_of, read
from api.web.pages.layout import resource
from api.web.pages.presentation.rendered_parts import KeptParts
from common.catalogue.presets import PRESETS
from common.messaging import streams
from common.messaging.redis import PROGRESS
from common.store.reads.lists import series
from common.store.reads.lists import sessions as lists
from common.store.reads.lists.pages import Page
from common.store.reads.lists.series import SessionGroup
from common.store.reads.states import State, state_of

PAGE_SIZE = 20
FILTERS = ("search", "tags", "host", "status", "series")
MAX_KEPT = 20
"""Pages whose rows are kept in memory."""

_kept = KeptParts(MAX_KEPT)


def form_field(max_length: int) -> fields.String:
    """Return a text field of a form, which browsers send even if it is empty."""
    return fields.String(load_default="", validate=[validate.Length(max=max_length), clean])


class ListQuery(Wire):
    """The filters of the list. With `part=list`, as scripts refresh it, the page lacks what rarely changes."""

    search = form_field(200)
    tags = Words(text(255), load_default=[])
    host = form_field(100)
    status = fields.String(load_default="", validate=validate.OneOf(["", *State]))
    series = form_field(255)
    part = fields.String(load_default="")
    page = page()


@resource.get("/")
def sessions() -> str:
    """Show series as rows. With filters, they consist of the sessions that match; those of one series stand alone."""
    query = PARSER.parse(ListQuery(), request, location="query", unknown=EXCLUDE)
    is_filtered = any(query[name] for name in FILTERS)
    newest = _newest()  # before the sessions are read, so that a test that ends meanwhile is not missed
    groups, total, has_more = _matching(query) if is_filtered else _all(query)
    return render_template(
        "home/page.html",
        groups=groups,
        data=read(groups),
        total=total,
        has_more=has_more,
        is_filtered=is_filtered,
        query=query,
        hosts=list(settings().ollama_hosts),
        states=list(State),
        newest=newest,
        badge_of=badge_of,
        state_of=state_of,
        part=_kept.of((request.script_root, *(str(query[name]) for name in (*FILTERS, "page")))).part,
        presets=PRESETS,
    )


def _all(query: dict[str, Any]) -> tuple[list[SessionGroup], None, bool]:
    """Return a page of series, and whether there are more. How many is not asked: counting a million takes long."""
    groups, has_more = series.page(Page(query["page"], PAGE_SIZE))
    return groups, None, has_more


def _matching(query: dict[str, Any]) -> tuple[list[SessionGroup], int, bool]:
    wanted = lists.SessionFilter(
        query["search"] or None,
        query["tags"],
        query["host"] or None,
        series=query["series"] or None,
        states=[State(query["status"])] if query["status"] else [],
    )
    found, total = lists.listed(wanted, query["page"], PAGE_SIZE)
    groups = [SessionGroup(each.id, 1, [each]) for each in found] if query["series"] else series.grouped(found)
    return groups, total, query["page"] * PAGE_SIZE < total


def _newest() -> int | None:
    """Return the seq of the last message, up to which the page is current. None without Redis: the page is not live."""
    try:
        return next((seq for seq, _ in streams.newest(redis(), PROGRESS)), 0)
    except RedisError:
        return None
