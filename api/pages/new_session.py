"""`/new`: what can be measured, and a form for it; the models come from the machine itself, by script."""

from flask import render_template

from api.context import settings
from api.pages.frame import resource
from common import queries
from common.catalogue import Option
from common.config import ALL_HOSTS, ANY_HOST
from common.models import Order

QUICK = ("decode", "ttft")
"""What a first session measures, unless the person chooses otherwise."""


@resource.get("/new")
def new_session() -> str:
    return render_template(
        "new_session.html",
        test_types=list(queries.catalogue().values()),
        quick=QUICK,
        hosts=list(settings().ollama_hosts),
        any_host=ANY_HOST,
        all_hosts=ALL_HOSTS,
        orders=list(Order),
        shown=shown,
    )


def shown(option: Option) -> str:
    """An option's default, as it is typed in."""
    if option.default is None:
        return "as needed"
    return ", ".join(map(str, option.default)) if isinstance(option.default, tuple) else str(option.default)
