"""`/history`."""

from flask import render_template

from api.pages.frame import resource


@resource.get("/history")
def history() -> str:
    return render_template("history.html")
