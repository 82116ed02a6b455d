"""`/sessions/ID`: one session, from when it waits to when it is history."""

from http import HTTPStatus
from uuid import UUID

from flask import render_template

from api.errors import refuse
from api.pages.frame import resource
from common import queries


@resource.get("/sessions/<uuid:session_id>")
def session(session_id: UUID) -> str:
    found = queries.session(str(session_id))
    if found is None:
        refuse(HTTPStatus.NOT_FOUND, f"there is no session {session_id}")
    return render_template("session.html", session=found)
