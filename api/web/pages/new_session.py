"""`/new`: the form that submits a session. A script lists the models of the host."""

from flask import render_template

from api.http.settings import settings
from api.schemas.submission import MAX_REPEATS
from api.web.pages.layout import resource
from common.catalogue.effort import DESCRIPTIONS, WORK, Effort
from common.catalogue.options import Option
from common.catalogue.test_types import TEST_TYPES
from common.environment.hosts import ALL_HOSTS, ANY_HOST
from common.store.tables import Order


@resource.get("/new")
def new_session() -> str:
    return render_template(
        "new_session.html",
        test_types=TEST_TYPES.values(),
        hosts=list(settings().ollama_hosts),
        any_host=ANY_HOST,
        all_hosts=ALL_HOSTS,
        orders=list(Order),
        efforts=DESCRIPTIONS,
        standard=Effort.STANDARD,
        work=WORK,
        max_repeats=MAX_REPEATS,
        shown=shown,
    )


@resource.app_template_global()
def suggested_types() -> list[str]:
    """Return the test types that a first session measures, unless the user chooses others."""
    return [name for name, test_type in TEST_TYPES.items() if test_type.suggested]


def shown(option: Option) -> str:
    """Return an option's default as a user would type it."""
    if option.default is None:
        return "automatic"
    if option.default == ():
        return "none"
    return ", ".join(map(str, option.default)) if isinstance(option.default, tuple) else str(option.default)
