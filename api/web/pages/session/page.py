"""`/sessions/ID`: one session, waiting, running or ended. Each part is sent as soon as it is rendered."""

from collections.abc import Iterator
from uuid import UUID

from api.http.errors import or_404
from api.web.pages.layout import resource, streamed
from api.web.pages.session import results
from common.store.reads import sessions


@resource.get("/sessions/<uuid:session_id>")
def session(session_id: UUID) -> Iterator[str]:
    found = or_404(sessions.session_outline(str(session_id)), session_id)
    return streamed("session/page.html", session=found, results=results.parts(found))
