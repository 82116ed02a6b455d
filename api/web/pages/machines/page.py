"""`/machines`: the state of each host from Redis and the database, or the hosts alone if Redis is unavailable.

A script then asks the hosts themselves.
"""

from flask import render_template
from redis.exceptions import RedisError

from api.http.redis import redis
from api.http.settings import settings
from api.routes.machines import hardware, hosts
from api.web.pages.layout import resource
from api.web.pages.machines.hardware_facts import facts, limits
from common.messaging import streams
from common.messaging.inventory import published
from common.messaging.redis import readings_of
from common.values.free_json import Json
from common.values.units import moment


@resource.get("/machines")
def machines() -> str:
    problem = None
    try:
        known = hosts.known()
    except RedisError as error:
        known, problem = [{"name": name, "url": host.url} for name, host in settings().ollama_hosts.items()], str(error)
    shown = [{**host, "others": on_same_machine(host, known)} for host in known]
    return render_template("machines/page.html", hosts=shown, problem=problem)


def on_same_machine(host: Json, known: list[Json]) -> list[str]:
    """Return the other hosts on the host's machine, as far as that is known."""
    machine = host.get("machine")
    return [other["name"] for other in known if machine and other["machine"] == machine and other is not host]


@resource.app_template_global()
def machine_at(host: Json) -> Json:
    """Return what the page shows of a host besides what `GET /hosts` says."""
    inventory = published(redis(), host["name"])
    return {
        **host,
        "hardware": facts(inventory) if inventory else None,
        "limits": limits(inventory) if inventory else [],
        "missing": (inventory or {}).get("missing") or {},
        "advice": hardware.advice(host["name"]),
        "reading": _last_reading(host["name"]),
    }


def _last_reading(host: str) -> Json | None:
    """Return the newest reading in Redis, however old: {at, cpu, memory, gpus, …}."""
    for read_at, reading in streams.newest(redis(), readings_of(host)):
        return {"at": moment(read_at), **reading}
    return None
