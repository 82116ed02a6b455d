"""What trusted proxies say about a request: the client's address, the scheme, the host, and the path prefix.

A header may have one value per proxy, the nearest proxy's last. werkzeug's ProxyFix only counts proxies, and ignores a
header that one of them does not set.
"""

import logging
from ipaddress import ip_address
from typing import TYPE_CHECKING

from common.environment.exposure import Proxies, url_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FOR, PROTO, HOST, PREFIX = (f"HTTP_X_FORWARDED_{name}" for name in ("FOR", "PROTO", "HOST", "PREFIX"))
RECEIVED_HOST = "gait.received_host"
"""Key of the WSGI environment with the header Host as it arrived. A script can set X-Forwarded-Host, but not Host."""
SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}

UNREAD = {"HTTP_FORWARDED", "HTTP_X_REAL_IP"}
"""Headers that proxies send too, and that mean nothing here."""
UNTRUSTED = (
    "A proxy at %(peer)s sends X-Forwarded-For, which is not trusted, so all its clients share one limit. Set "
    "GAIT_FORWARDED_FOR=%(peer)s to trust it."
)
ONLY_UNREAD = (
    "A proxy at %(peer)s sends Forwarded or X-Real-IP, which are not read, so all its clients share one limit. Let it "
    "send X-Forwarded-For, and set GAIT_FORWARDED_FOR=%(peer)s to trust it."
)

logger = logging.getLogger(__name__)


class ForwardedMiddleware:
    """WSGI middleware that applies the headers of trusted `proxies`. `prefix` is the path if no header has one."""

    def __init__(self, app: "WSGIApplication", proxies: Proxies, prefix: str) -> None:
        self._app = app
        self._proxies = proxies
        self._prefix = prefix
        self._has_warned = False

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        environ[RECEIVED_HOST] = environ.get("HTTP_HOST", "")
        hops, prefix = self._hops(environ), self._prefix
        if hops:
            prefix = url_prefix(_value(environ, PREFIX, hops)) or prefix
            _apply(environ, hops)
        self._warn(environ, hops)
        if prefix:
            _mount(environ, prefix)
        return self._app(environ, start_response)

    def _hops(self, environ: "WSGIEnvironment") -> int:
        """Return the number of trusted proxies that the request came through."""
        if not self._proxies.networks:
            return self._proxies.count
        hops = 0
        for address in reversed([*_values(environ, FOR)[1:], environ.get("REMOTE_ADDR", "")]):
            if not self._is_trusted(address):
                break
            hops += 1
        return hops

    def _is_trusted(self, address: str) -> bool:
        known = _address(address)
        return known is not None and any(ip_address(known) in network for network in self._proxies.networks)

    def _warn(self, environ: "WSGIEnvironment", hops: int) -> None:
        """Log once why the address of a client is not known, if a header promises it."""
        untrusted, unread = FOR in environ and not hops, FOR not in environ and not UNREAD.isdisjoint(environ)
        if (untrusted or unread) and not self._has_warned:
            self._has_warned = True
            logger.warning(UNTRUSTED if untrusted else ONLY_UNREAD, {"peer": environ.get("REMOTE_ADDR", "")})


def _apply(environ: "WSGIEnvironment", hops: int) -> None:
    client, scheme = _address(_value(environ, FOR, hops)), SCHEMES.get(_value(environ, PROTO, hops).lower())
    host = _value(environ, HOST, hops)
    environ.update(
        {
            **({"REMOTE_ADDR": client} if client else {}),
            **({"wsgi.url_scheme": scheme} if scheme else {}),
            **({"HTTP_HOST": host} if host else {}),
        }
    )


def _mount(environ: "WSGIEnvironment", prefix: str) -> None:
    """Make links begin with the prefix, and remove it from the path of a proxy that passes it on."""
    path = environ.get("PATH_INFO", "")
    environ["SCRIPT_NAME"] = prefix
    if path == prefix or path.startswith(f"{prefix}/"):
        environ["PATH_INFO"] = path.removeprefix(prefix)


def _values(environ: "WSGIEnvironment", name: str) -> list[str]:
    return [value.strip() for value in environ.get(name, "").split(",") if value.strip()]


def _value(environ: "WSGIEnvironment", name: str, hops: int) -> str:
    """Return what the proxy farthest from Gait wrote, or the first value if some proxies wrote none."""
    values = _values(environ, name)
    return values[-min(hops, len(values))] if values else ""


def _address(text: str) -> str | None:
    """Return an IP address without its brackets and port, or None if it is not one."""
    host, colon, _ = text.rpartition(":")
    bare = host if colon and (host.endswith("]") or ":" not in host) else text
    try:
        found = ip_address(bare.strip("[]"))
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)
