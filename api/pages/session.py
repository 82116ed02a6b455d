"""`/sessions/ID`: one session, from when it waits to when it is history."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import render_template, url_for

from api.context import settings
from api.errors import there
from api.pages import repeat, results
from api.pages.frame import resource
from common import queries
from common.models import Session, Status


@resource.get("/sessions/<uuid:session_id>")
def session(session_id: UUID) -> str:
    found = there(queries.session_outline(str(session_id)), session_id)
    if found.status == Status.RUNNING:  # its live part shows what its tests have come to
        found = queries.session_with_tests(found.id) or found
    return render_template("session.html", session=found, results=results.html(found), **_shown(found))


def _shown(session: Session) -> Mapping[str, Any]:
    address = url_for("sessions.create", _external=True)
    locked = bool(settings().api_keys or settings().read_only_keys)
    return {
        "machine": list(repeat.machine(session.hardware.inventory)) if session.hardware else [],
        "missing": (session.hardware.inventory.get("missing") or {}) if session.hardware else {},
        "options": repeat.options(session),
        "curl": repeat.curl(session, address, locked=locked),
    }
