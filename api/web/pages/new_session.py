"""`/new`: the form that submits a session. A script lists the models of the host, and what waits there."""

from dataclasses import dataclass

from flask import render_template
from redis.exceptions import RedisError

from api.http.redis import redis
from api.http.settings import settings
from api.schemas.sessions.submission import MAX_REPEATS
from api.web.pages.layout import resource
from api.web.pages.presentation.titles import hardware_in_short
from common.catalogue.effort import DESCRIPTIONS, WORK, Effort
from common.catalogue.options import Option
from common.catalogue.presets import PRESETS
from common.catalogue.test_types import GROUPS, TEST_TYPES
from common.environment.servers.hosts import ALL_HOSTS, ANY_HOST
from common.machines.gpu_memory import own_gpu_memory
from common.messaging.inventory import published
from common.store.tables import Order


@resource.get("/new")
def new_session() -> str:
    return render_template(
        "new_session.html",
        presets=PRESETS,
        groups=GROUPS,
        hosts=[_choice(name) for name in settings().ollama_hosts],
        any_host=ANY_HOST,
        all_hosts=ALL_HOSTS,
        orders=list(Order),
        efforts=DESCRIPTIONS,
        standard=Effort.STANDARD,
        work=WORK,
        max_repeats=MAX_REPEATS,
        shown=shown,
    )


@dataclass(frozen=True)
class HostChoice:
    """A host to choose. `vram` is the memory of its GPUs in bytes, None if it is unknown."""

    name: str
    hardware: str
    vram: int | None


def _choice(name: str) -> HostChoice:
    try:
        inventory = published(redis(), name) or {}
    except RedisError:  # the form can do without
        inventory = {}
    return HostChoice(name, hardware_in_short(inventory), own_gpu_memory(inventory))


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
