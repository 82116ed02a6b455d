"""Which hosts are on one computer, because a computer is measured by one session at a time.

Hosts of one name or IP address are on one computer, whatever their ports. So are all hosts whose addresses are those of
this computer. `name@machine=url` says it where addresses cannot: for two network interfaces, a tunnel or containers.
"""

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from common.environment.servers.addresses import OllamaHost, is_loopback

THIS = "this computer"
"""Stands for all addresses of the computer of this process."""

Marks = frozenset[str]
"""What computers are known by: IP addresses, and names of hosts in DNS. Two hosts with a common mark are on one."""


@dataclass(frozen=True)
class Group:
    """Hosts with common marks."""

    hosts: tuple[str, ...]
    marks: Marks


def name_in_dns(host: OllamaHost) -> str:
    """Return the name or IP address in the host's URL."""
    return (urlsplit(host.url).hostname or "").rstrip(".")


def addresses(name: str) -> Marks:
    """Return the IP addresses of a computer by its name, none if DNS does not know it. DNS may take some seconds."""
    try:
        found = socket.getaddrinfo(name, 0, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return frozenset()
    return frozenset(THIS if _is_own(family, place) else _text(place) for family, _, _, _, place in found)


def marks(name: str, known: Marks) -> Marks:
    """Return the marks of the computer of this name, whose IP addresses are known, or some of them, or none."""
    return known | {THIS if is_loopback(name) else name}


def machines(hosts: Mapping[str, OllamaHost], known: Mapping[str, Marks]) -> dict[str, str]:
    """Return the name of each host's machine. `known` are the marks of each host.

    It is the name in the settings. Other hosts with common marks form a group, which is on the machine of the first
    named host with a mark of theirs. Otherwise the machine is called as the first host of the group.
    """
    named = {name: host.machine for name, host in hosts.items() if host.machine}
    found = dict(named)
    for group in _groups({name: known[name] for name in hosts if name not in named}):
        joined = (name for host, name in named.items() if known[host] & group.marks or name in group.hosts)
        found |= dict.fromkeys(group.hosts, next(joined, min(group.hosts, key=list(hosts).index)))
    return found


def resolved_machines(hosts: Mapping[str, OllamaHost]) -> dict[str, str]:
    """Return the name of each host's machine. DNS may take some seconds."""
    names = {host: name_in_dns(server) for host, server in hosts.items()}
    return machines(hosts, {host: marks(name, addresses(name)) for host, name in names.items()})


def _groups(known: Mapping[str, Marks]) -> list[Group]:
    groups: list[Group] = []
    for host, own in known.items():
        near = [group for group in groups if group.marks & own]
        joined = Group((*(each for group in near for each in group.hosts), host), own.union(*(g.marks for g in near)))
        groups = [*(group for group in groups if group not in near), joined]
    return groups


def _is_own(family: socket.AddressFamily, place: tuple[object, ...]) -> bool:
    """Return whether the address is of this computer. Only such an address can be bound."""
    if ip_address(_text(place).partition("%")[0]).is_loopback:
        return True
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(place)
        except OSError:
            return False
    return True


def _text(place: Iterable[object]) -> str:
    """Return a socket's IP address in its usual form, with the scope that an IPv6 address may have."""
    host, _, *more = place
    address = ip_address(str(host).partition("%")[0])
    scope = more[1] if len(more) > 1 and more[1] else None
    plain = getattr(address, "ipv4_mapped", None) or address
    return f"{plain}%{scope}" if scope else str(plain)
