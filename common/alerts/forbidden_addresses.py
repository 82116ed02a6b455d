"""Addresses that webhooks may not reach, because a request to them would come from Gait's own machine.

They are checked when a connection is opened, on the address to which it is opened: a name may resolve to another
address than before, and 127.0.0.1 can also be written as 2130706433, 0177.1 or ::ffff:7f00:1.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

METADATA = (
    "168.63.129.16",  # Azure
    "100.100.100.200",  # Alibaba
    "192.0.0.192",  # Oracle
    "fd00:ec2::254",  # Amazon
    "fd20:ce::254",  # Google
    "fd00:42::42",  # Scaleway
)
"""Addresses of clouds at which a machine learns its own secrets, other than the link-local ones."""
KINDS = {
    "loopback": ("127.0.0.0/8", "::1/128"),
    "unspecified": ("0.0.0.0/8", "::/128"),
    "link-local": ("169.254.0.0/16", "fe80::/10", "fec0::/10"),
    "metadata": tuple(f"{address}/{32 if '.' in address else 128}" for address in METADATA),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "reserved": ("240.0.0.0/4", "192.0.0.0/24", "100::/64"),
}
FORBIDDEN = [(kind, ip_network(network)) for kind, networks in KINDS.items() for network in networks]

EMBEDDED = (
    (ip_network("::ffff:0:0/96"), 0),  # IPv4-mapped
    (ip_network("::ffff:0:0:0/96"), 0),  # IPv4-translated
    (ip_network("::/96"), 0),  # IPv4-compatible
    (ip_network("64:ff9b::/96"), 0),  # NAT64
    (ip_network("2002::/16"), 80),  # 6to4
)
"""Networks of IPv6 whose addresses hold one of IPv4, with the number of bits after it."""
TRANSLATED = (ip_network("64:ff9b:1::/48"), ip_network("2001::/32"))
"""NAT64 with a local prefix, and Teredo: the address does not show what it leads to."""
ISATAP = 0x0000_5EFE
IPV4_BITS, IPV4_MASK = 32, 0xFFFF_FFFF


def forbidden(text: str, allowed: Iterable[Network] = ()) -> str | None:
    """Return the kind of a numeric address to which no webhook goes, or None if one may. `allowed` are exceptions.

    An address of IPv6 may have a zone, as in fe80::1%eth0.
    """
    address = ip_address(text.partition("%")[0])
    candidates = [address, *_embedded(address)]
    if any(each in network for network in allowed for each in candidates):
        return None
    if any(address in network for network in TRANSLATED):
        return "translated"
    return next((kind for each in candidates for kind, network in FORBIDDEN if each in network), None)


def _embedded(address: Address) -> Iterable[IPv4Address]:
    """Yield the addresses of IPv4 to which one of IPv6 leads."""
    if isinstance(address, IPv4Address):
        return
    number = int(address)
    for network, after in EMBEDDED:
        if address in network and number > 1:  # :: and ::1 are addresses of their own
            yield IPv4Address(number >> after & IPV4_MASK)
    if number >> IPV4_BITS & 0xFDFF_FFFF == ISATAP:
        yield IPv4Address(number & IPV4_MASK)
