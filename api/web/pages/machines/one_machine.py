"""`/machines/one?host=&context=`: what fits on a machine, what it does, whom it serves, and what that costs."""

from collections.abc import Iterator
from functools import partial

from flask import request
from redis.exceptions import RedisError

from api.conclusions.machines.overview import Overview, overview
from api.conclusions.machines.sentences import answers
from api.conclusions.readings.last_hour import last_hour
from api.http.redis import redis
from api.http.settings import host_named, settings
from api.routes.machines import hardware, hosts
from api.schemas.machines.overview import DEFAULT_CONTEXT, MAX_CONTEXT, MIN_CONTEXT
from api.web.pages.charts.capacity import capacity_figures
from api.web.pages.faults import attempted
from api.web.pages.layout import resource, streamed
from api.web.pages.machines.bars import bars
from api.web.pages.machines.hardware_facts import facts, limits
from api.web.pages.machines.hour_lines import HourLine, hour_lines
from api.web.pages.machines.page import on_same_machine
from api.web.pages.presentation.rendered_parts import KeptParts
from common.errors import Unavailable
from common.values.free_json import Json
from common.values.units import text

resource.app_template_global("capacity_figures")(capacity_figures)

CONTEXTS = (4096, 8192, 16_384, 32_768, 65_536, 131_072)
"""The lengths of context that the page offers."""
MAX_KEPT = 50
"""Machines whose curves are kept in memory."""

_kept = KeptParts(MAX_KEPT)


@resource.get("/machines/one")
def machine() -> Iterator[str]:
    """Send the page. Without a host, it is the first that is configured."""
    host = request.args.get("host") or host_named(None)
    found = attempted("Overview", lambda: overview(host, _context()), passing=(Unavailable,))
    return streamed(
        "machines/one_machine.html",
        host=host,
        hosts=list(dict.fromkeys([host, *settings().ollama_hosts])),
        is_configured=host in settings().ollama_hosts,
        found=found,
        answers=answers(found) if found else [],
        bars=partial(bars, found) if found else None,
        contexts=CONTEXTS,
        hour=partial(_hour, host),
        state=partial(_state, host),
        part=_kept.of((request.script_root, host)).part,
        advice=hardware.advice(host),
        facts=_summary(found),
        whole=facts(found.inventory) + limits(found.inventory) if found and found.inventory else [],
    )


def _context() -> int:
    """Return the context that the URL asks for, or the usual one."""
    try:
        asked = int(request.args.get("context", DEFAULT_CONTEXT))
    except ValueError:  # the page shows the usual context, as without one
        return DEFAULT_CONTEXT
    return min(max(asked, MIN_CONTEXT), MAX_CONTEXT)


def _summary(found: Overview | None) -> list[str]:
    """Return the processor, the graphics and the memory, in few words."""
    known: Json = (found and found.inventory) or {}
    names = [(known.get("cpu") or {}).get("model"), *(gpu.get("model") for gpu in known.get("gpu") or ())]
    ram = found.room.ram if found else None
    return [*filter(None, names), *([f"{text(ram, 'bytes')} of RAM"] if ram else [])]


def _hour(host: str) -> list[HourLine] | None:
    """Return the last hour, None without Redis."""
    try:
        return hour_lines(last_hour(redis(), host))
    except RedisError:
        return None


def _state(host: str) -> Json | None:
    """Return what the host does and what waits, None if that is not known."""
    try:
        known = hosts.known()
    except RedisError:
        return None
    own = next((each for each in known if each["name"] == host), None)
    return own and {**own, "others": on_same_machine(own, known)}
