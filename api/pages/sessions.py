"""`/`: the sessions, newest first."""

from flask import render_template

from api.pages.frame import resource
from common import queries


@resource.get("/")
def sessions() -> str:
    found, total = queries.sessions(queries.SessionFilter(), 1, 20)
    return render_template("sessions.html", sessions=found, total=total)
