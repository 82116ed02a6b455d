"""`/docs`: Swagger UI from the files of a package, nothing from elsewhere. `/openapi.json` is flask-smorest's.

The package's own page has a script in it, which the content security policy refuses: this one is ours.
"""

import json
from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, render_template, request, send_from_directory

from common.values.free_json import Json

ASYNCAPI: Json = json.loads(Path(__file__).with_name("asyncapi.json").read_bytes())
"""The description of the WebSockets, with the address of a server on this machine."""
FILES = Path(flask_swagger_ui.__file__).parent / "dist"

resource = Blueprint("docs", __name__, template_folder="templates")


@resource.get("/docs/")
def page() -> str:
    return render_template("docs.html")


@resource.get("/docs/<path:path>")
def swagger(path: str) -> Response:
    return send_from_directory(FILES, path)


@resource.get("/asyncapi.json")
def asyncapi() -> Json:
    """Return the description of the WebSockets, with the address that this request was sent to."""
    protocol, path = ("wss" if request.is_secure else "ws"), request.script_root
    here = {"host": request.host, "protocol": protocol} | ({"pathname": path} if path else {})
    return {**ASYNCAPI, "servers": {"gait": {**ASYNCAPI["servers"]["gait"], **here}}}
