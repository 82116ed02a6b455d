"""The names in the header Host that Gait answers to, against DNS rebinding.

A site can make its own name resolve to this machine. Its scripts then count as Gait's own, in the browsers of people
who may use Gait. No site can do that with an IP address, a loopback name or the name of somebody else's machine. With
keys it gains nothing, because its scripts have no key, so that any name is accepted unless TRUSTED_HOSTS is set.
"""

import re
import socket
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from ipaddress import ip_address

from flask import request

from api.http.access.forwarded import RECEIVED_HOST
from api.http.responses.errors import refuse
from api.http.settings import settings
from common.environment.exposure import ANY
from common.environment.servers.addresses import is_loopback

HOST = re.compile(r"(?P<name>\[[^\[\]]+\]|[^:\[\]]+)(:\d*)?")
UNCHECKED = {"health"}
"""Blueprints of probes, which may use any name and get no data."""
MAX_SHOWN = 80


def check_host() -> None:
    """Refuse a request for another name than Gait's (403). A missing name is accepted, because browsers send one."""
    config = settings()
    if request.blueprint in UNCHECKED or ANY in config.trusted_hosts or (config.needs_key and not config.trusted_hosts):
        return
    own = {*config.trusted_hosts, *_names_of_machine(), config.host.lower()}
    for host in (request.environ.get(RECEIVED_HOST, ""), request.environ.get("HTTP_HOST", "")):
        if host and not _is_trusted(host, own):
            _refuse(host)


def _is_trusted(host: str, own: Iterable[str]) -> bool:
    found = HOST.fullmatch(host.strip())
    name = found["name"].lower().strip("[]").rstrip(".") if found else ""
    return bool(name) and (_is_address(name) or is_loopback(name) or any(_matches(name, each) for each in own))


def _matches(name: str, trusted: str) -> bool:
    return name == trusted.removeprefix(".") or (trusted.startswith(".") and name.endswith(trusted))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


@cache
def _names_of_machine() -> frozenset[str]:
    """Return the machine's name, alone and in the zone of multicast DNS."""
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    return frozenset({name, short, f"{short}.local"})


def _refuse(host: str) -> None:
    shown = host[:MAX_SHOWN]
    refuse(
        HTTPStatus.FORBIDDEN,
        f"{shown!r} is not a name of this Gait, so that another site could be behind it. Use its IP address, or set "
        f"TRUSTED_HOSTS to the names of this Gait.",
    )
