"""What all pages share: access, error pages, and the filters that format values in templates."""

import sys
from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template, request, stream_template
from flask.typing import ResponseReturnValue

from api.conclusions.leaderboard.sentences import ago
from api.http.access import auth
from api.web.compiled_templates import CompiledTemplates
from api.web.pages import faults
from api.web.pages.charts.svg.picture import picture
from api.web.pages.presentation import formatting
from api.web.pages.presentation.colours import mark_class, model_colour, model_series
from common.catalogue.grades import SENTENCES

COMPILED = Path(__file__).parents[1] / "templates" / "__pycache__"

resource = Blueprint("pages", __name__, template_folder="../templates/pages")


def register(app: Flask) -> None:
    app.register_blueprint(resource)
    app.after_request(html_404)
    app.jinja_env.filters.update(formatting.FILTERS)
    app.jinja_env.filters.update(model_colour=model_colour, series_colour=mark_class)
    app.jinja_env.globals.update(drawn_figure=picture, model_series=model_series)
    app.jinja_env.globals["formats"] = formatting.FORMATS
    app.jinja_env.globals["guarded"] = faults.guarded
    app.jinja_env.globals["grade_sentence"] = SENTENCES.get
    app.jinja_env.globals["ago"] = ago
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if not sys.dont_write_bytecode:
        app.jinja_env.bytecode_cache = CompiledTemplates(str(COMPILED))


def compile_templates(app: Flask) -> None:
    """Compile all templates at start, so that the first request is not delayed."""
    for name in resource.jinja_loader.list_templates() if resource.jinja_loader else ():
        app.jinja_env.get_template(name)


def streamed(template: str, **values: object) -> Iterator[str]:
    """Send a page while it is rendered.

    A fault before the first section gets an error page, because nothing was sent until then.
    """
    pieces = stream_template(template, **values)
    top = list(_until_main(pieces))
    return faults.closing(chain(top, pieces))


def _until_main(pieces: Iterator[str]) -> Iterator[str]:
    for piece in pieces:
        yield piece
        if "<main" in piece:
            return


@resource.before_request
def ask_for_key() -> ResponseReturnValue | None:
    """Answer 401 with a form for the key, whose script fetches the page again with the header.

    A browser cannot send a key with a URL.
    """
    return None if auth.may_read() else (render_template("faults/key.html"), 401)


@resource.after_request
def explain(answer: Response) -> Response:
    """Render an error of a page as HTML, with the API's message."""
    if answer.is_json and answer.status_code >= HTTPStatus.BAD_REQUEST:
        return _as_page(answer, answer.json["message"])  # type: ignore[index] # an error has it
    return answer


def html_404(answer: Response) -> Response:
    """Render 404 as HTML for browsers. Programs do not ask for HTML, or ask below /api/."""
    is_unknown = request.blueprint is None and answer.status_code == HTTPStatus.NOT_FOUND
    wants_page = request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
    if is_unknown and wants_page and not request.path.startswith("/api/"):
        return _as_page(answer, answer.json["message"])  # type: ignore[index] # an error has it
    return answer


def _as_page(answer: Response, message: str) -> Response:
    answer.set_data(render_template("faults/error.html", message=message, status=answer.status_code))
    answer.content_type = "text/html; charset=utf-8"
    return answer
