"""The hosts on the computer of this process, whose readings its sampler publishes."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from common.environment.servers.addresses import OllamaHost, is_loopback
from common.errors import ConfigurationError
from common.machines.grouping import THIS, addresses, name_in_dns, resolved_machines


def hosts_here(hosts: Mapping[str, OllamaHost], chosen: str | None) -> dict[str, OllamaHost]:
    """Return the hosts on this machine, whose readings its sampler publishes. DNS may take some seconds.

    `chosen` is SAMPLER_HOST, the name of a host or a machine. Without it, there must be one host, hosts of one machine
    at addresses of this computer, or a host called `local`. A host at a loopback address is on the machine of the API.
    So it is on this one only if the chosen host is at a loopback address too, or if the settings say so.

    Raises:
        ConfigurationError: if that is unknown, because readings of the wrong machine are worse than none.
    """
    found, first = resolved_machines(hosts), chosen or _default_host(hosts)
    here = [name for name in hosts if found[name] == found.get(first, first)]
    away = first in hosts and not _is_at_loopback(hosts[first])
    return {
        name: hosts[name]
        for name in here
        if not (away and hosts[name].machine is None and _is_at_loopback(hosts[name]))
    }


def ports_here(hosts: Mapping[str, OllamaHost], chosen: str | None) -> dict[str, int | None]:
    """Return the hosts on this machine with the ports of their Ollamas. DNS may take some seconds.

    Raises:
        ConfigurationError: as `hosts_here`.
    """
    return {name: port_here(host) for name, host in hosts_here(hosts, chosen).items()}


def unknown_to_dns(hosts: Mapping[str, OllamaHost]) -> list[str]:
    """Return the names of computers in the hosts' addresses that DNS does not know now. It may take some seconds."""
    return [name for name in dict.fromkeys(map(name_in_dns, hosts.values())) if not addresses(name)]


def port_here(host: OllamaHost) -> int | None:
    """Return the port of the host's Ollama, or None if its address is not of this computer. DNS may take some seconds.

    Its Ollama may then be behind a proxy, or in another container.
    """
    return urlsplit(host.url).port if _is_here(host) else None


def _default_host(hosts: Mapping[str, OllamaHost]) -> str:
    own = {name: host for name, host in hosts.items() if _is_here(host)}
    likely = {"local": hosts["local"]} if "local" in hosts and ("local" in own or not own) else own
    if len(hosts) == 1:
        likely = dict(hosts)
    elif len({_is_at_loopback(host) for host in own.values()}) > 1 or len({*resolved_machines(likely).values()}) != 1:
        raise ConfigurationError(f"SAMPLER_HOST must name this machine: one of {', '.join(hosts)}")
    return next(iter(likely))


def _is_here(host: OllamaHost) -> bool:
    """Return whether the host's address is of this computer, as DNS knows it."""
    return THIS in addresses(name_in_dns(host))


def _is_at_loopback(host: OllamaHost) -> bool:
    return is_loopback(name_in_dns(host))
