"""`/sessions/ID`: one session, waiting, running or ended. Each part is sent as soon as it is rendered."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any
from uuid import UUID

from api.http.errors import or_404
from api.web.pages.layout import resource, streamed
from api.web.pages.session import repeat, results
from common.store import sessions
from common.store.tables import Session, Status


@resource.get("/sessions/<uuid:session_id>")
def session(session_id: UUID) -> Iterator[str]:
    found = or_404(sessions.session_outline(str(session_id)), session_id)
    parts = results.parts(found)
    first = next(parts)  # before anything is sent, so that an error gets an error page
    return streamed("session/page.html", session=found, results=chain([first], parts), **_shown(found))


def _shown(session: Session) -> Mapping[str, Any]:
    is_running = session.status == Status.RUNNING
    return {
        "statistics": sessions.headlines(test.id for test in session.tests) if is_running else {},
        "machine": list(repeat.machine(session.hardware.inventory)) if session.hardware else [],
        "missing": (session.hardware.inventory.get("missing") or {}) if session.hardware else {},
        "options": repeat.options(session),
        "curl": repeat.curl(session),
    }
