"""`/assets/VERSION/…`: the scripts and styles of the pages.

The version is part of the path, so the relative imports of a script stay within it.
"""

import gzip
import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, url_for

STATIC = Path(__file__).parent / "static"
MIME_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
IMMUTABLE = "public, max-age=31536000, immutable"

resource = Blueprint("assets", __name__)


def register(app: Flask) -> None:
    """Serve the files, and give templates `asset(name)`, the URL of a file."""
    app.register_blueprint(resource)
    app.jinja_env.globals["asset"] = _url


@resource.get("/assets/<version>/<path:name>")
def asset(version: str, name: str) -> Response:
    """Return a file. Browsers keep it for ever, unless an old page requests it by an old version."""
    path = _files().get(name)
    if path is None:
        abort(HTTPStatus.NOT_FOUND)
    response = Response(mimetype=MIME_TYPES[path.suffix], headers={"Vary": "Accept-Encoding"})
    if request.accept_encodings["gzip"] > 0:
        response.set_data(_compressed(path))
        response.content_encoding = "gzip"
    else:
        response.set_data(path.read_bytes())
    if version == _version():
        response.headers["Cache-Control"] = IMMUTABLE
    return response


def _url(name: str) -> str:
    return url_for("assets.asset", version=_version(), name=name)


@cache
def _files() -> dict[str, Path]:
    """Return the files by their name below the version."""
    return {str(path.relative_to(STATIC)): path for path in sorted(STATIC.rglob("*")) if path.suffix in MIME_TYPES}


@cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


@cache
def _version() -> str:
    found = hashlib.sha256()
    for name, path in _files().items():
        found.update(name.encode() + path.read_bytes())
    return found.hexdigest()[:12]
