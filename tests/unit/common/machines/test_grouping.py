"""Hosts that are on one computer."""

import socket

import psutil
import pytest

from common.environment.servers.addresses import OllamaHost
from common.environment.servers.hosts import ollama_hosts
from common.environment.variables import Environment
from common.errors import ConfigurationError
from common.machines.grouping import THIS, addresses, machines, marks, name_in_dns
from common.machines.hosts_here import hosts_here, port_here

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
        # What addresses do not show
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


HERE, ELSEWHERE = "127.0.0.1", "203.0.113.7"


@pytest.mark.parametrize(
    ("listed", "chosen", "found"),
    [
        (f"a={ELSEWHERE}", None, "a"),
        (f"a={ELSEWHERE},local={HERE}", None, "local"),
        (f"a={ELSEWHERE},local=203.0.113.8", None, "local"),
        (f"local={ELSEWHERE},b=OWN", None, "b"),
        (f"local@l={HERE}:1,b@m={HERE}:2", None, "local"),
        (f"a={ELSEWHERE},b={HERE}", None, "b"),
        (f"a={ELSEWHERE},b=0.0.0.0:1,c=localhost:2", None, "bc"),
        (f"a={ELSEWHERE}:1,b={ELSEWHERE}:2,c={HERE}", "b", "ab"),
        (f"a={ELSEWHERE},b=OWN:1,c=OWN:2", None, "bc"),
        # The API's machine, and another one with the same settings
        (f"a={HERE}:1,b=OWN:2,c={ELSEWHERE}", "a", "ab"),
        (f"a={HERE}:1,b=OWN:2,c={ELSEWHERE}", "b", "b"),
        (f"a@m={HERE}:1,b@m=OWN:2,c={ELSEWHERE}", "b", "ab"),
        (f"a@m={ELSEWHERE},b@m=203.0.113.8,c={HERE}", "m", "ab"),
        (f"a@one={HERE}:1,b@two={HERE}:2", "two", "b"),
    ],
)
def test_a_sampler_serves_every_host_on_its_machine(listed: str, chosen: str | None, found: str) -> None:
    own = next(each.address for each in psutil.net_if_addrs()[interface()] if each.family == socket.AF_INET)
    hosts = ollama_hosts(Environment({"OLLAMA_HOSTS": listed.replace("OWN", own)}))
    assert "".join(hosts_here(hosts, chosen)) == found


def interface() -> str:
    """Return an interface other than the loopback, if there is one with an address."""
    found = {
        name: any(each.family == socket.AF_INET and not each.address.startswith("127.") for each in addresses)
        for name, addresses in psutil.net_if_addrs().items()
    }
    return next((name for name, usable in found.items() if usable), "lo")


@pytest.mark.parametrize(
    "listed",
    [
        f"a={ELSEWHERE},b=203.0.113.8",
        f"a@one={HERE}:1,b@two={HERE}:2",
        f"a={HERE}:1,b=OWN:2",
        f"a={ELSEWHERE},b=OWN,local={HERE}",
        f"a={ELSEWHERE},b=OWN,c={HERE}",
    ],
)
def test_a_sampler_that_may_be_on_several_machines_must_be_told(listed: str) -> None:
    own = next(each.address for each in psutil.net_if_addrs()[interface()] if each.family == socket.AF_INET)
    if own.startswith("127."):
        pytest.skip("this machine has no address but the loopback")
    hosts = ollama_hosts(Environment({"OLLAMA_HOSTS": listed.replace("OWN", own)}))
    with pytest.raises(ConfigurationError, match="SAMPLER_HOST must name this machine: one of a, b"):
        hosts_here(hosts, None)


@pytest.mark.parametrize(("address", "port"), [("127.0.0.1:1", 1), ("localhost:1", 1), ("203.0.113.7:1", None)])
def test_a_port_is_that_of_a_server_here(address: str, port: int | None) -> None:
    assert port_here(OllamaHost(f"http://{address}")) == port
