"""`/machines`: the state of each host from Redis and the database, or the hosts alone if Redis is unavailable.

A script then asks the hosts themselves.
"""

from flask import render_template
from redis.exceptions import RedisError

from api.app_state import redis
from api.http.settings import settings
from api.routes.machines import hardware, hosts
from api.web.pages.formatting import text
from api.web.pages.layout import resource
from common.free_json import Json
from common.messaging import streams
from common.messaging.inventory import published
from common.messaging.redis import readings_of
from common.units import moment


@resource.get("/machines")
def machines() -> str:
    problem = None
    try:
        known = hosts.known()
    except RedisError as error:
        known, problem = [{"name": name, "url": host.url} for name, host in settings().ollama_hosts.items()], str(error)
    shown = [{**host, "others": _on_the_same(host, known)} for host in known]
    return render_template("machines.html", hosts=shown, problem=problem)


def _on_the_same(host: Json, known: list[Json]) -> list[str]:
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


def facts(inventory: Json) -> list[tuple[str, str]]:
    """Return the known hardware as (name, text)."""
    cpu, ram, storage, system, bios = (inventory.get(part) or {} for part in ("cpu", "ram", "storage", "os", "bios"))
    found = [
        ("Processor", _joined(cpu.get("model"), _cores(cpu), _quantity(cpu.get("frequency"), "MHz"))),
        *(("Graphics", _gpu(gpu)) for gpu in inventory.get("gpu") or ()),
        ("Memory", _ram(ram)),
        ("Disk of the models", _joined(storage.get("type"), _quantity(storage.get("size"), "file bytes"))),
        ("System", " ".join(filter(None, (system.get("name"), system.get("version"))))),
        ("Kernel", system.get("kernel") or ""),
        ("Firmware", " ".join(filter(None, (bios.get("vendor"), bios.get("version"), bios.get("date"))))),
    ]
    return [(name, value) for name, value in found if value]


def limits(inventory: Json) -> list[tuple[str, str]]:
    """Return the limits that keep processes from using the whole hardware, as (name, text)."""
    found_limits = inventory.get("limits") or {}
    cpus = found_limits.get("cpus")
    found = [
        ("Usable processors", f"{cpus:g}" if cpus is not None else ""),
        ("Usable memory", _quantity(found_limits.get("memory"), "bytes")),
        ("Container", found_limits.get("container") or ""),
        ("Hypervisor", _hypervisor(found_limits.get("hypervisor"))),
    ]
    return [(name, value) for name, value in found if value]


def _gpu(gpu: Json) -> str:
    driver = f"driver {gpu['driver']}" if gpu.get("driver") else None
    shared = f"including {text(gpu['shared'], 'bytes')} of RAM" if gpu.get("shared") else None
    return _joined(gpu.get("model"), _quantity(gpu.get("memory"), "bytes"), shared, driver)


def _ram(ram: Json) -> str:
    return _joined(_quantity(ram.get("total"), "bytes"), ram.get("type"), _quantity(ram.get("frequency"), "MHz"))


def _cores(cpu: Json) -> str | None:
    cores, threads = cpu.get("cores"), cpu.get("threads")
    return f"{cores} cores, {threads} threads" if cores and threads else None


def _hypervisor(name: str | None) -> str:
    return "unknown kind" if name == "unknown" else name or ""


def _quantity(value: float | None, unit: str) -> str:
    return "" if value is None else text(value, unit)


def _joined(*parts: str | None) -> str:
    return " · ".join(filter(None, parts))
