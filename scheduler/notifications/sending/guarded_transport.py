"""Connections to webhooks: to allowed addresses only, and within time limits.

The name is resolved here, its addresses are checked, and the connection is opened to one that was checked. So no answer
of a name server can lead a request elsewhere between check and use.
"""

import socket
from contextlib import suppress
from functools import partial
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

from common.alerts.forbidden_addresses import Network, forbidden
from common.environment.timeouts import TimeLimits
from common.errors import GaitError
from common.ollama.transport import TimedAdapter, TimedConnection, TimedTlsConnection

LIMITS = TimeLimits(connect_s=5.0, first_byte_s=10.0, silence_s=5.0, total_s=15.0)
"""Together less than a receiver belongs to one process: common/store/alerts/deliveries.py."""
MAX_ADDRESSES = 4
"""Addresses of a name that are tried, each for the limit to connect."""


class ForbiddenAddress(GaitError):
    """A webhook whose name leads to addresses of forbidden kinds only."""


class _Guarded(TimedConnection):
    """A connection to an address that is not forbidden."""

    def __init__(self, *args: Any, allowed: tuple[Network, ...], **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        self._allowed = allowed

    def _new_conn(self) -> socket.socket:
        """Return a socket that is connected to one of the host's addresses.

        Raises:
            ForbiddenAddress: if none of them may be reached.
        """
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:  # the latter for a name that is too long
            raise NewConnectionError(self, "Its name is unknown") from error
        return self._connected(self._checked([str(address[0]) for *_, address in found]))

    def _checked(self, addresses: list[str]) -> list[str]:
        kinds = {address: forbidden(address, self._allowed) for address in addresses}
        checked = [address for address, kind in kinds.items() if kind is None]
        if not checked:
            raise ForbiddenAddress(
                f"The host leads to an address to which no webhook goes ({next(iter(kinds.values()))}). Its operator "
                "can allow it with WEBHOOK_NETWORKS."
            )
        return checked[:MAX_ADDRESSES]

    def _connected(self, addresses: list[str]) -> socket.socket:
        for address in addresses[:-1]:
            with suppress(OSError):
                return self._socket(address)
        try:
            return self._socket(addresses[-1])
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"No connection within {LIMITS.connect_s:g} s") from error
        except OSError as error:
            raise NewConnectionError(self, str(error.strerror)) from error

    def _socket(self, address: str) -> socket.socket:
        return create_connection((address, self.port), LIMITS.connect_s, socket_options=self.socket_options)


class _GuardedTls(_Guarded, TimedTlsConnection):
    """The same with TLS, whose certificate must be that of the name."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class GuardedAdapter(TimedAdapter):
    """The transport of a requests.Session that reaches no forbidden address but those of the `allowed` networks."""

    plain, tls = _Pool, _TlsPool

    def __init__(self, allowed: tuple[Network, ...]) -> None:
        self._allowed = allowed
        super().__init__(LIMITS)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed on
        super().init_poolmanager(*args, **kwargs)
        pools = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = {
            scheme: partial(pool, allowed=self._allowed) for scheme, pool in pools.items()
        }
