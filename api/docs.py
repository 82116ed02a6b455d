"""`/docs`: Swagger UI from the files of a package, nothing from elsewhere; `/openapi.json` is flask-smorest's."""

from flask import Blueprint, Flask, redirect
from flask.typing import ResponseReturnValue
from flask_swagger_ui import get_swaggerui_blueprint

SETTINGS = {"app_name": "Gait", "validatorUrl": None}  # the validator is a site on the internet

blueprint = Blueprint("docs", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    return redirect("/docs/")


def register(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.register_blueprint(get_swaggerui_blueprint("/docs", "/openapi.json", SETTINGS))
