"""`/assets/VERSION/…`: the pages' scripts and styles, and plotly's one script from its package, to be kept for ever.

The version stands in the path, so that a script's relative imports stay within it.
"""

import gzip
import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_from_directory, url_for

STATIC = Path(__file__).parent / "static"
PLOTLY = "plotly.min.js"
FOR_EVER = "public, max-age=31536000, immutable"

resource = Blueprint("assets", __name__)


def register(app: Flask) -> None:
    """Serve them, and give templates `asset(name)`, the URL of one."""
    app.register_blueprint(resource)
    app.jinja_env.globals["asset"] = _url


@resource.get("/assets/<version>/<path:name>")
def asset(version: str, name: str) -> Response:
    """One of today's version is kept for ever; another one, asked for by a page of before, is not."""
    answer = _plotly() if name == PLOTLY else send_from_directory(STATIC, name)
    if version == _version():
        answer.headers["Cache-Control"] = FOR_EVER
    return answer


def _url(name: str) -> str:
    return url_for("assets.asset", version=_version(), name=name)


def _plotly() -> Response:
    answer = Response(mimetype="text/javascript", headers={"Vary": "Accept-Encoding"})
    packed = request.accept_encodings["gzip"] > 0
    answer.set_data(_packed_plotly() if packed else _plotly_file().read_bytes())
    if packed:
        answer.content_encoding = "gzip"
    return answer


@cache
def _packed_plotly() -> bytes:
    """A third of its 4.8 MB; packed when it is first asked for."""
    return gzip.compress(_plotly_file().read_bytes(), mtime=0)


@cache
def _plotly_file() -> Path:
    """Found, not imported: the package itself is not needed, and slow to import."""
    package = find_spec("plotly")
    if package is None or package.origin is None:
        raise FileNotFoundError("the package plotly is not installed; requirements/api.txt has it")
    return Path(package.origin).parent / "package_data" / PLOTLY


@cache
def _version() -> str:
    found = hashlib.sha256()
    found.update(_plotly_file().read_bytes())
    for file in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        found.update(str(file.relative_to(STATIC)).encode() + file.read_bytes())
    return found.hexdigest()[:12]
