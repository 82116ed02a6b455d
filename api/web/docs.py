"""`/docs`: Swagger UI from the files of a package, nothing from elsewhere. `/openapi.json` is flask-smorest's.

The package's own page has a script in it, which the content security policy refuses: this one is ours.
"""

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, render_template, send_from_directory

ASYNCAPI = Path(__file__).with_name("asyncapi.json").read_bytes()
"""The description of the WebSockets."""
FILES = Path(flask_swagger_ui.__file__).parent / "dist"

resource = Blueprint("docs", __name__, template_folder="templates")


@resource.get("/docs/")
def page() -> str:
    return render_template("docs.html")


@resource.get("/docs/<path:path>")
def swagger(path: str) -> Response:
    return send_from_directory(FILES, path)


@resource.get("/asyncapi.json")
def asyncapi() -> Response:
    return Response(ASYNCAPI, mimetype="application/json")
