"""Hosts that are on one computer."""

import socket

import psutil
import pytest

from common.environment.hosts import ollama_hosts
from common.environment.variables import Environment
from common.machines import THIS, addresses, machines, marks, name_in_dns

DNS = {
    "desk": {"10.0.0.5", "fd00::5"},
    "desk.lan": {"10.0.0.5"},
    "rack": {"10.0.0.6"},
    "here.lan": {THIS},
    "10.0.0.5": {"10.0.0.5"},
    "fd00::5": {"fd00::5"},
    "127.0.0.1": {THIS},
}


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ("a=desk", {"a": "a"}),
        ("a=http://desk,b=http://desk", {"a": "a", "b": "a"}),
        ("a=desk:1,b=desk:2,c=rack", {"a": "a", "b": "a", "c": "c"}),
        ("a=DESK.,b=https://u:p@desk/x", {"a": "a", "b": "a"}),
        ("a=desk.lan,b=10.0.0.5:1", {"a": "a", "b": "a"}),
        # Known by one name that has both addresses, wherever it is in the list
        ("a=10.0.0.5,b=[fd00::5],c=rack", {"a": "a", "b": "b", "c": "c"}),
        ("a=10.0.0.5,b=[fd00::5],c=desk", {"a": "a", "b": "a", "c": "a"}),
        ("c=rack,a=[fd00::5],b=desk,d=10.0.0.5", {"a": "a", "b": "a", "c": "c", "d": "a"}),
        # All addresses of this computer
        ("a=127.0.0.1,b=localhost:1,c=here.lan,d=:2,e=0.0.0.0:3,f=[::1]", dict.fromkeys("abcdef", "a")),
        # Names that DNS does not know now
        ("a=gone:1,b=gone:2,c=lost", {"a": "a", "b": "a", "c": "c"}),
        # What addresses cannot tell
        ("a@m=desk,b@m=rack", {"a": "m", "b": "m"}),
        ("a@one=127.0.0.1:1,b@two=127.0.0.1:2", {"a": "one", "b": "two"}),
        ("a=desk,b@a=rack", {"a": "a", "b": "a"}),
        ("b@a=rack,a=desk,c=desk.lan", {"a": "a", "b": "a", "c": "a"}),
        ("a@m=desk:1,b=desk:2,c=10.0.0.5:3", {"a": "m", "b": "m", "c": "m"}),
        ("a=desk:1,b@m=desk:2,c@n=desk:3", {"a": "m", "b": "m", "c": "n"}),
    ],
)
def test_hosts_on_one_computer_have_one_machine(listed: str, found: dict[str, str]) -> None:
    hosts = ollama_hosts(Environment({"OLLAMA_HOSTS": listed}))
    names = {host: name_in_dns(server) for host, server in hosts.items()}
    known = {host: marks(name, frozenset(DNS.get(name, ()))) for host, name in names.items()}
    assert machines(hosts, known) == found


def test_all_addresses_of_this_computer_are_one() -> None:
    own = [each for some in psutil.net_if_addrs().values() for each in some]
    listed = [each.address for each in own if each.family in (socket.AF_INET, socket.AF_INET6)]
    names = [*listed, "localhost", "127.0.0.1", "127.1", "::1", "0.0.0.0"]  # noqa: S104 - nothing is bound
    assert {name: addresses(name) for name in names} == {name: {THIS} for name in names}


@pytest.mark.parametrize(
    ("name", "found"), [("203.0.113.7", {"203.0.113.7"}), ("::ffff:203.0.113.7", {"203.0.113.7"}), ("a..b", set())]
)
def test_addresses_of_other_computers(name: str, found: set[str]) -> None:
    assert addresses(name) == found
