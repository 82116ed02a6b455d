"""Connections with time limits for whole responses, with and without TLS.

urllib3's own timeouts apply to one read, so a server that sends a byte now and then would never reach them.
"""

import io
import socket
import ssl
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from common.environment.timeouts import Countdown, TimeLimits

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _Reader(io.RawIOBase):
    """The incoming bytes, with the countdown's limit for each read."""

    def __init__(self, sock: socket.socket, countdown: Countdown) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._countdown = countdown

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int | None:
        self._sock.settimeout(self._countdown.remaining_s())
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError as error:
            raise self._countdown.expired() from error
        self._countdown.receive()
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedSocket:
    """A wrapper of an open socket. It is not a subclass, because the socket may be gevent's or ssl's."""

    def __init__(self, sock: socket.socket, countdown: Countdown) -> None:
        self._sock = sock
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of a socket
        return getattr(self._sock, name)

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        """Return a file for http.client, which only reads it."""
        return io.BufferedReader(_Reader(self._sock, self._countdown))


def connectable(host: str) -> str:
    """Return the host as the system resolves it: requests escapes the % of an IPv6 zone, as in fe80::1%eth0."""
    return host.replace("%25", "%")


class TimedConnection(HTTPConnection):
    """A connection whose countdown starts with each request."""

    def __init__(self, host: str, *args: Any, limits: TimeLimits, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(connectable(host), *args, **options)
        self.countdown = Countdown(limits)

    def connect(self) -> None:
        super().connect()
        self.sock = cast("socket.socket", _TimedSocket(self.sock, self.countdown))

    def request(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
        if self.sock is None:
            self.connect()
        self.countdown.start()
        super().request(*args, **options)


class TimedTlsConnection(TimedConnection, HTTPSConnection):
    """A connection that also trusts the authorities of the system or of SSL_CERT_FILE, not only those of requests."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **{**options, "ssl_context": ssl.create_default_context()})


class _Pool(HTTPConnectionPool):
    ConnectionCls = TimedConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = TimedTlsConnection


class TimedAdapter(HTTPAdapter):
    """The transport of a requests.Session whose requests end within the limits. `plain` is the pool without `tls`."""

    plain: type[HTTPConnectionPool] = _Pool
    tls: type[HTTPSConnectionPool] = _TlsPool

    def __init__(self, limits: TimeLimits) -> None:
        self._limits = limits
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed on
        self.poolmanager = PoolManager(*args, **kwargs)
        pools = {"http": self.plain, "https": self.tls}
        self.poolmanager.pool_classes_by_scheme = {
            scheme: partial(pool, limits=self._limits) for scheme, pool in pools.items()
        }
