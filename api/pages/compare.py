"""`/compare`."""

from flask import render_template

from api.pages.frame import resource


@resource.get("/compare")
def compare() -> str:
    return render_template("compare.html")
