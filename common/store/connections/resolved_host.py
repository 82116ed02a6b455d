"""The addresses of PostgreSQL's host, found by Python: libpq would stop the API's one thread until DNS answers."""

import socket
from typing import Any

from psycopg import OperationalError


def resolved(options: dict[str, Any]) -> dict[str, Any]:
    """Return options of libpq with the addresses of its hosts, each of which is tried in turn.

    Folders of Unix sockets have none. TLS still checks the host's name.

    Raises:
        OperationalError: if a name is unknown, or DNS does not answer.
    """
    hosts = str(options.get("host") or "").split(",")
    if "hostaddr" in options or any(not host or host.startswith(("/", "@")) for host in hosts):
        return options
    ports = str(options.get("port") or 5432).split(",")
    found = [
        (host, address, port)
        for host, port in zip(hosts, ports if len(ports) == len(hosts) else ports * len(hosts), strict=True)
        for address in _addresses(host)
    ]
    host, hostaddr, port = (",".join(column) for column in zip(*found, strict=True))
    return {**options, "host": host, "hostaddr": hostaddr, "port": port}


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise OperationalError(f"the address of the database's host is unknown: {error}") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
