"""`/compare?session=ID&model=NAME&baseline=ID/NAME&digests=any`: comparison of sessions and models.

With `host=NAME` instead of sessions, the newest results on machines are compared.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from functools import cache, partial
from typing import Any

from flask import request, url_for

from api.conclusions.comparisons.alternatives import Alternative
from api.conclusions.comparisons.columns import Column, columns, is_by_session
from api.conclusions.comparisons.words.methods import CLOSING
from api.conclusions.comparisons.words.sentences import row_title
from api.conclusions.leaderboard.machine_columns import machine_columns
from api.http.settings import settings
from api.web.pages.comparison import rows
from api.web.pages.comparison.cells import cells
from api.web.pages.comparison.kept_comparison import kept_comparison
from api.web.pages.comparison.suggestions import suggestions
from api.web.pages.faults import attempted
from api.web.pages.layout import resource, streamed
from api.web.pages.presentation.rendered_parts import RenderedParts
from common.errors import Unavailable
from common.store.earlier import samples as stored
from common.store.earlier.samples import TestSamples
from common.store.reads.lists import sessions as lists
from common.store.tables import Session
from common.values.units import model_name

MAX_SESSIONS = 12
MAX_CHOICES = 20
MAX_LOOKED_AT = 60
"""Newest sessions from which comparisons are suggested."""
MAX_SEARCH_LENGTH = 255
KEPT = ("session", "host", "model", "baseline", "digests")
ANY = "any"
"""The value of `digests` that compares a model with its replacement under the same name."""


@resource.get("/compare")
def compare() -> Iterator[str]:
    asked = list(dict.fromkeys(request.args.getlist("session")))
    asked, beyond = asked[:MAX_SESSIONS], asked[MAX_SESSIONS:]
    models = [model_name(name) for name in request.args.getlist("model")]
    sessions = stored.sessions(asked)
    hosts = [] if asked else list(dict.fromkeys(request.args.getlist("host")))[:MAX_SESSIONS]
    listed, search = _choices(sessions)
    return streamed(
        "comparison/page.html",
        sessions=sessions,
        missing=[name for name in asked if name not in {session.id for session in sessions}],
        machines=list(dict.fromkeys([*settings().ollama_hosts, *hosts])),
        wanted_machines=hosts,
        wanted_models=models,
        listed=listed,
        search=search,
        offered=([session.__data__ for session in listed], search),
        beyond=len(beyond),
        any_digest=_any_digest(),
        badge=rows.badge,
        better_text=rows.better_text,
        cells_of=cells,
        row_title=row_title,
        verdict_text=rows.verdict_text,
        closing=CLOSING,
        suggestions=lambda: suggestions(lists.newest(lists.SessionFilter(), MAX_LOOKED_AT)),
        **(_of_machines(hosts, models) if hosts else _of_sessions(sessions, models)),
    )


def _choices(sessions: Sequence[Session]) -> tuple[list[Session], str]:
    """Return the chosen sessions, then the newest that match the search, and the text searched for."""
    search = request.args.get("search", "")[:MAX_SEARCH_LENGTH].strip()
    chosen = {session.id for session in sessions}
    found = lists.newest(lists.SessionFilter(search=search or None), MAX_CHOICES)
    return [*sessions, *(session for session in found if session.id not in chosen)], search


def _of_sessions(sessions: Sequence[Session], models: Sequence[str]) -> dict[str, Any]:
    samples = _samples(sessions)
    shown = columns(sessions, models, [test for tests in samples.values() for test in tests or ()])
    asked_for = sum(not models or model["name"] in models for session in sessions for model in session.models)
    return {
        **_compared(shown, asked_for - len(shown)),
        "models": list(dict.fromkeys(model["name"] for session in sessions for model in session.models)),
        "unreadable": [session for session, tests in samples.items() if tests is None],
    }


def _of_machines(hosts: Sequence[str], models: Sequence[str]) -> dict[str, Any]:
    """Return the comparison of the newest results on these hosts, and the hosts without one of these models."""
    wanted: Sequence[str | None] = models or [None]
    places = [(host, model) for host in hosts for model in wanted]
    found = attempted("Results", partial(machine_columns, places), passing=(Unavailable,))
    shown, left_out = found or ([], 0)
    measured = {column.machine for column in shown}
    return {
        **_compared(shown, left_out),
        "models": list(dict.fromkeys([*models, *(column.model["name"] for column in shown)])),
        "unmeasured": [host for host in hosts if host not in measured],
        "is_readable": found is not None,
        "unreadable": [],
    }


def _compared(shown: Sequence[Column], left_out: int) -> dict[str, Any]:
    if not shown:
        return {"columns": [], "left_out": 0, "part": RenderedParts().part}
    kept = kept_comparison(_asked(), shown, request.args.get("baseline", ""), any_digest=_any_digest())
    comparison = kept.comparison
    return {
        "columns": comparison.shown,
        "left_out": left_out,
        "baseline": comparison.baseline,
        "is_by_model": "/" not in request.args.get("baseline", ""),
        "comparison": comparison,
        "part": kept.parts.part,
        "of_session": is_by_session(shown),
        "alternatives": comparison.alternatives,
        "baselines": [_baseline(one, by_session=is_by_session(shown)) for one in comparison.alternatives],
        "url": cache(_url),
    }


def _asked() -> Hashable:
    """Return what links of this comparison are made of."""
    return request.script_root, tuple((name, tuple(request.args.getlist(name))) for name in KEPT)


def _baseline(found: Alternative, *, by_session: bool) -> str:
    """Return the value of `baseline` with which others are compared with this alternative."""
    return found.first.source if by_session else found.first.key


def _any_digest() -> bool:
    """Return whether a model is compared with its replacement under the same name."""
    return request.args.get("digests") == ANY


def _samples(sessions: Sequence[Session]) -> dict[Session, list[TestSamples] | None]:
    """Return the tests of each session, None if they cannot be read. After a fault, each session is read by itself."""
    together = _read("results", [session.id for session in sessions])
    if together is None:
        return {session: _read(f"results of {session.id}", [session.id]) for session in sessions}
    found: dict[str, list[TestSamples]] = defaultdict(list)
    for test in together:
        found[test.session_id].append(test)
    return {session: found[session.id] for session in sessions}


def _read(title: str, sessions: Sequence[str]) -> list[TestSamples] | None:
    return attempted(title, partial(stored.samples, sessions), passing=(Unavailable,))


def _url(**changed: str) -> str:
    """Return the URL of this comparison with other arguments."""
    kept: dict[str, Any] = {name: request.args.getlist(name) for name in KEPT if request.args.getlist(name)}
    return url_for("pages.compare", **{**kept, **changed})
