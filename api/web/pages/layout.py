"""What all pages share: who may see them, how errors look, and the words that templates have for numbers."""

from collections.abc import Iterator
from http import HTTPStatus

from flask import Blueprint, Flask, Response, render_template, request, stream_template
from flask.typing import ResponseReturnValue

from api.http import auth
from api.web.pages import formatting
from common.store.database import database

resource = Blueprint("pages", __name__, template_folder="../templates/pages")


def register(app: Flask) -> None:
    app.register_blueprint(resource)
    app.after_request(html_404)
    app.jinja_env.filters.update(formatting.FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def compile_templates(app: Flask) -> None:
    """Now, and not for whoever comes first."""
    for name in resource.jinja_loader.list_templates() if resource.jinja_loader else ():
        app.jinja_env.get_template(name)


def streamed(template: str, **values: object) -> Iterator[str]:
    """A page that travels as it is made. Who is slow to take it in holds no connection to the database meanwhile."""
    database.close()
    return stream_template(template, **values)


@resource.before_request
def ask_for_key() -> ResponseReturnValue | None:
    """A browser cannot send a key with an address: this page's script asks for one, and fetches the page again."""
    return None if auth.may_read() else (render_template("key.html"), 401)


@resource.after_request
def explain(answer: Response) -> Response:
    """An error of a page, as a page, with the words of the API's own."""
    if answer.is_json and answer.status_code >= HTTPStatus.BAD_REQUEST:
        return _as_page(answer, answer.json["message"])  # type: ignore[index] # an error has it
    return answer


def html_404(answer: Response) -> Response:
    """An address of nothing, as a page to who types addresses: programs ask for no HTML, or for what the API has."""
    is_nothing = request.blueprint is None and answer.status_code == HTTPStatus.NOT_FOUND
    wants_page = request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
    if is_nothing and wants_page and not request.path.startswith("/api/"):
        return _as_page(answer, f"there is nothing at {request.path}")
    return answer


def _as_page(answer: Response, message: str) -> Response:
    answer.set_data(render_template("error.html", message=message, status=answer.status_code))
    answer.content_type = "text/html; charset=utf-8"
    return answer
