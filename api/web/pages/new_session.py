"""`/new`: the form that submits a session. A script lists the models of the host."""

from flask import render_template

from api.http.settings import settings
from api.web.pages.layout import resource
from common.catalogue.test_types import Option
from common.config import ALL_HOSTS, ANY_HOST
from common.store import sessions
from common.store.tables import Order

QUICK = ("decode", "ttft")
"""The test types that are selected at first."""


@resource.get("/new")
def new_session() -> str:
    return render_template(
        "new_session.html",
        test_types=list(sessions.catalogue().values()),
        quick=QUICK,
        hosts=list(settings().ollama_hosts),
        any_host=ANY_HOST,
        all_hosts=ALL_HOSTS,
        orders=list(Order),
        shown=shown,
    )


def shown(option: Option) -> str:
    """Return an option's default as a user would type it."""
    if option.default is None:
        return "automatic"
    return ", ".join(map(str, option.default)) if isinstance(option.default, tuple) else str(option.default)
