"""The hosts under test: OLLAMA_HOSTS, else OLLAMA_HOST."""

import re
from collections.abc import Mapping

from common.environment.servers.addresses import OllamaHost, clean, concealed, ollama_host
from common.environment.variables import Environment
from common.errors import ConfigurationError

ANY_HOST, ALL_HOSTS = "any", "all"
"""Values that a session may give instead of a host, so no host can have these names."""

ENTRY = re.compile(r"(?P<name>[\w-]+)(@(?P<machine>[\w.-]+))?\s*=(?P<address>.*)", re.DOTALL)
SEPARATOR = re.compile(r",[\s,]*(?=['\"]?[\w-]+(?:@[\w.-]+)?\s*=)")
"""A comma before the next entry, because a password may contain commas."""
FORM = "name=url or name@machine=url with a unique name"


def ollama_hosts(environment: Environment) -> dict[str, OllamaHost]:
    """Return the hosts by name, in the order of the setting.

    Raises:
        ConfigurationError: if an entry is not `name=url` or `name@machine=url`, or a name is not possible.
    """
    written, variable = environment.secret("OLLAMA_HOSTS"), environment.variable("OLLAMA_HOSTS")
    if written is None:
        return {"local": _host(environment, "OLLAMA_HOST", environment.get("OLLAMA_HOST") or "", None)}
    hosts = dict[str, OllamaHost]()
    for entry in SEPARATOR.split(written.strip(", \n")):
        found = ENTRY.fullmatch(clean(entry))
        if not found or not clean(found["address"]) or found["name"] in hosts:
            raise ConfigurationError(f"{variable}: {_concealed_entry(entry)!r} is not {FORM}.")
        _refuse_reserved(variable, found["name"])
        hosts[found["name"]] = _host(environment, "OLLAMA_HOSTS", found["address"], found["machine"])
    return hosts


def listed(hosts: Mapping[str, OllamaHost]) -> str:
    """Return the hosts as OLLAMA_HOSTS, which holds their passwords."""
    places = {name: f"{name}@{host.machine}" if host.machine else name for name, host in hosts.items()}
    return ",".join(f"{places[name]}={host.address}" for name, host in hosts.items())


def _host(environment: Environment, setting: str, address: str, machine: str | None) -> OllamaHost:
    host, note = ollama_host(environment.variable(setting), address, machine)
    if note:
        environment.notes.append(note)
    return host


def _refuse_reserved(variable: str, name: str) -> None:
    if name.lower() in (ANY_HOST, ALL_HOSTS):
        reserved = f"{ANY_HOST} and {ALL_HOSTS} are reserved for sessions"
        raise ConfigurationError(f"{variable}: a host cannot be named {name}: {reserved}. Use another name.")


def _concealed_entry(entry: str) -> str:
    found = ENTRY.fullmatch(clean(entry))
    return f"{found['name']}={concealed(found['address'])}" if found else concealed(entry)
