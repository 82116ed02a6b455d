"""`GET /hardware`: the hardware inventory of a host's machine, as published by its sampler."""

from http import HTTPStatus
from typing import Any

from api.http.redis import redis
from api.http.responses.errors import refuse
from api.http.settings import host_named
from api.openapi.resource import Resource
from api.schemas.machines.hardware import Hardware
from api.schemas.machines.hosts import OnHost
from common.machines.fingerprint import digest, fingerprint, parts
from common.messaging.inventory import published

resource = Resource("hardware", __name__, description="The hardware of a host's machine.")


@resource.operation("GET", "/hardware", name="readHardware", answer=(200, Hardware), query=OnHost)
def hardware(query: dict[str, Any]) -> dict[str, Any]:
    """Return the hardware of a host's machine.

    The answer is 503 if its sampler has not reported yet.
    """
    host = host_named(query.get("host"))
    inventory = published(redis(), host)
    if inventory is None:
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"The sampler of host {host} has not reported. {advice(host)}")
    return described(inventory, host, fingerprint(inventory), digest(inventory))


def advice(host: str) -> str:
    """Return how to start a sampler."""
    return f"Start it on that machine: SAMPLER_HOST={host} python -m sampler"


def described(inventory: dict[str, Any], host: str, known_as: str, digest: str) -> dict[str, Any]:
    """Return an inventory with its digest, the host's name and the fingerprint `known_as`, as in every response.

    A session's hardware keeps the fingerprint that it was stored with, because searches use it.
    """
    return {**inventory, "host": host, "fingerprint": {"id": known_as, "parts": parts(inventory)}, "digest": digest}
