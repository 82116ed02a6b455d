"""`/new`."""

from flask import render_template

from api.pages.frame import resource


@resource.get("/new")
def new_session() -> str:
    return render_template("new_session.html")
