"""`/sessions/ID`: one session, waiting, running or ended. Each part is sent as soon as it is rendered."""

from collections.abc import Iterator
from uuid import UUID

from flask import render_template, request

from api.http.responses.errors import or_404
from api.web.pages.layout import resource, streamed
from api.web.pages.session.results import Parts
from common.store.reads import sessions


@resource.get("/sessions/<uuid:session_id>")
def session(session_id: UUID) -> Iterator[str]:
    """Send the page. Scripts ask for its `part` alone that says what disturbs the machine now."""
    if request.args.get("part") == "disturbance":
        alone = or_404(sessions.session_alone(str(session_id)), session_id)
        return iter([render_template("session/trust/now.html", session=alone)])
    found = or_404(sessions.session_outline(str(session_id)), session_id)
    parts = Parts(found)
    return streamed("session/page.html", session=found, results=parts.results(), runs=parts.runs())
