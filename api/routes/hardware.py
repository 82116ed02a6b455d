"""`GET /hardware`: a host's inventory, as its sampler published it."""

from http import HTTPStatus
from typing import Any

from api.app_state import redis
from api.http.errors import refuse
from api.http.openapi import Resource
from api.http.settings import host_named
from api.schemas.hardware import Hardware
from api.schemas.machines import OnHost
from common.hardware import fingerprint, parts
from common.messaging.inventory import published

resource = Resource("hardware", __name__, description="What a host is made of.")


@resource.operation("GET", "/hardware", answer=(200, Hardware), query=OnHost)
def hardware(query: dict[str, Any]) -> dict[str, Any]:
    """A host's hardware. 503 while its sampler has not reported."""
    host = host_named(query.get("host"))
    inventory = published(redis(), host)
    if inventory is None:
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"the sampler of host {host} has not reported; {advice(host)}")
    return described(inventory, host, fingerprint(inventory))


def advice(host: str) -> str:
    """How a sampler is started."""
    return f"start it on that machine with SAMPLER_HOST={host} python -m sampler"


def described(inventory: dict[str, Any], host: str, known_as: str) -> dict[str, Any]:
    """An inventory with the host's name and the hardware's fingerprint, as every answer gives it. A session's hardware
    is known as what it was stored under, by which it is found.
    """
    return {**inventory, "host": host, "fingerprint": {"id": known_as, "parts": parts(inventory)}}
