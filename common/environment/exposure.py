"""Types of the settings that say how Gait is reached from outside: other sites, its own names, proxies, a path."""

import re
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from marshmallow import ValidationError, fields

from common.environment.servers.addresses import PORTS, clean, dns_name

ANY = "*"
"""Every site, or every name."""
ORIGIN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>\[[0-9a-f:.]+\]|[^\s/:@?#\[\]*]+)(:(?P<port>\d{1,5}))?/?", re.IGNORECASE
)
PREFIX = re.compile(r"(/[\w.~-]+)+", re.ASCII)
MAX_PROXIES = 10

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Proxies:
    """Trusted proxies: the `networks` of their addresses, or only their `count` on the way to Gait."""

    count: int = 0
    networks: tuple[Network, ...] = ()


class Origins(fields.Field[tuple[str, ...]]):
    """Origins such as https://lab.example, as browsers write them, or * for all."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:  # noqa: ANN401 - as in marshmallow
        return tuple(map(_origin, _listed(value)))


class HostNames(fields.Field[tuple[str, ...]]):
    """Host names in lower case and ASCII. One that begins with a dot includes its subdomains, and * is any name."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:  # noqa: ANN401 - as in marshmallow
        return tuple(map(_name, _listed(value)))


class TrustedProxies(fields.Field[Proxies]):
    """The number of proxies, or their addresses and networks."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> Proxies:  # noqa: ANN401 - as in marshmallow
        if re.fullmatch("[0-9]{1,9}", value):
            if int(value) > MAX_PROXIES:
                raise ValidationError(f"Write a number of proxies from 0 to {MAX_PROXIES}, or their addresses.")
            return Proxies(count=int(value))
        try:
            return Proxies(networks=tuple(ip_network(each, strict=False) for each in _listed(value)))
        except ValueError as error:
            forms = (
                "the number of proxies before Gait, or their addresses and networks, such as 127.0.0.1,172.16.0.0/12"
            )
            raise ValidationError(f"{str(error).capitalize()}. Write {forms}.") from error


class UrlPrefix(fields.Field[str]):
    """A path without a slash at its end, such as /gait. It is empty for the root."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> str:  # noqa: ANN401 - as in marshmallow
        prefix = url_prefix(value if value.startswith("/") else f"/{value}")
        if prefix is None:
            raise ValidationError("This is not a path. Write it as /gait.")
        return prefix


def url_prefix(text: str) -> str | None:
    """Return the prefix without a slash at its end, or None if it is not a plain path.

    Links begin with it, so //other.example would lead elsewhere.
    """
    prefix = text.rstrip("/")
    return prefix if not prefix or PREFIX.fullmatch(prefix) else None


def _listed(value: str) -> list[str]:
    return [text for each in re.split(r"[,\s]+", value) if (text := clean(each))]


def _origin(text: str) -> str:
    if text == ANY:
        return ANY
    if text == "null":
        raise ValidationError("null is the origin of pages in any site's sandbox, so it cannot be allowed.")
    found = ORIGIN.fullmatch(text)
    if not found:
        raise ValidationError(f"{text!r} is not an origin. Write scheme://host or scheme://host:port, without a path.")
    scheme, host, port = found["scheme"].lower(), found["host"], found["port"]
    host = host.lower() if host.startswith("[") else _name(host)
    return f"{scheme}://{host}" if port in (None, str(PORTS.get(scheme))) else f"{scheme}://{host}:{port}"


def _name(text: str) -> str:
    """Return one of the names without its port, which does not matter."""
    if text == ANY:
        return ANY
    dot, name = ("." if text.startswith(".") else ""), re.sub(r"(?<=[^:]):\d+$", "", text.removeprefix("."))
    with suppress(ValueError):
        return str(ip_address(name.removeprefix("[").removesuffix("]")))
    try:
        return dot + dns_name(name).rstrip(".")
    except ValueError as error:
        form = "a name such as gait.example, .gait.example for all names below it, or * for any name"
        raise ValidationError(f"{text!r} is not a host's name. Write {form}.") from error
