"""`/machines`."""

from flask import render_template

from api.pages.frame import resource


@resource.get("/machines")
def machines() -> str:
    return render_template("machines.html")
