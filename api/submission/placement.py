"""Placement of a session: on the named host, on any host that has its models, or on all hosts."""

from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from operator import attrgetter
from threading import Lock
from typing import NoReturn

from cachetools import TTLCache, cached

from api.http.redis import redis
from api.http.responses.errors import refuse, refuse_fields
from api.http.settings import host_named, settings
from api.submission.capabilities import capabilities, tags
from api.submission.concurrent_requests import survey
from api.submission.machines import machines_now
from common.environment.servers.hosts import ALL_HOSTS, ANY_HOST
from common.errors import OllamaError
from common.ollama.client import Ollama
from common.ollama.models import InstalledModel, named
from common.store.reads import totals
from common.values.free_json import Json

TIMEOUT_S = 10
"""A host that is measuring answers slowly; beyond this, it counts as unavailable."""
CACHE_S = 1.0
"""How long a list of models is reused. Many submissions at once would disturb what the host measures."""
MAX_HOSTS = 1000

_recently_installed: TTLCache[str, list[InstalledModel]] = TTLCache(MAX_HOSTS, CACHE_S)
"""The models of each URL."""
_lock = Lock()


@dataclass(frozen=True)
class HostAvailability:
    """What a host has of the requested models: `models` as they are stored, the names of those `missing`, and the names
    of all that are `installed`. `version` is Ollama's, None if it is unknown.
    """

    models: list[Json]
    missing: list[str]
    installed: list[str]
    version: str | None


def place(models: list[str], host: str | None) -> dict[str, HostAvailability]:
    """Return the hosts that have all models. `host` is a name, `any`, `all`, or None for the default.

    422 if a model is missing, 503 if an Ollama does not answer. `any` needs just one host that has all models.
    """
    found = _availability(models, host)
    complete = {
        name: available
        for name, available in found.items()
        if isinstance(available, HostAvailability) and not available.missing
    }
    if host == ANY_HOST and complete:
        chosen = _shortest_queue(list(complete))
        return {chosen: complete[chosen]}
    if len(complete) < len(found):
        _refuse(found)
    return complete


def _availability(models: list[str], host: str | None) -> dict[str, HostAvailability | OllamaError]:
    hosts = settings().ollama_hosts
    names = list(hosts) if host in (ANY_HOST, ALL_HOSTS) else [host_named(host)]
    return survey(lambda ollama: _on_host(ollama, models), {name: hosts[name] for name in names}, TIMEOUT_S)


def _on_host(ollama: Ollama, names: list[str]) -> HostAvailability:
    installed = _installed(ollama)
    if not all(named(installed, name) for name in names):
        with _lock:
            _recently_installed.pop(ollama.url, None)
        installed = _installed(ollama)  # the model may have been pulled since
    found = [model for name in names if (model := named(installed, name))]
    missing = [name for name in names if not named(installed, name)]
    known = capabilities(ollama, found)
    models = [_stored(model, tags(model, known[model.digest])) for model in found]
    return HostAvailability(models, missing, [model.name for model in installed], _version(ollama))


@cached(_recently_installed, key=attrgetter("url"), lock=_lock)
def _installed(ollama: Ollama) -> list[InstalledModel]:
    return ollama.models()


@cached(TTLCache(MAX_HOSTS, CACHE_S), key=attrgetter("url"), lock=Lock())
def _version(ollama: Ollama) -> str | None:
    try:
        return ollama.version()
    except OllamaError:  # a session can run all the same
        return None


def _stored(model: InstalledModel, model_tags: list[str]) -> Json:
    return {
        "name": model.name,
        "version": model.version,
        "digest": model.digest,
        "size": model.size,
        "tags": model_tags,
    }


def _shortest_queue(hosts: list[str]) -> str:
    """Return the first host whose machine has the smallest number of unfinished sessions."""
    machines, unfinished = machines_now(redis(), settings().ollama_hosts), Counter[str]()
    for part in totals.unfinished():
        unfinished[machines.get(part.host, part.host)] += part.count
    return min(hosts, key=lambda host: unfinished[machines[host]])


def _refuse(found: dict[str, HostAvailability | OllamaError]) -> NoReturn:
    """Report what each host lacks. Missing models come first, because the client can correct them."""
    missing = [
        _missing(host, available)
        for host, available in found.items()
        if isinstance(available, HostAvailability) and available.missing
    ]
    unavailable = [f"{host}: {error}" for host, error in found.items() if isinstance(error, OllamaError)]
    if missing:
        refuse_fields({"models": missing} | ({"host": unavailable} if unavailable else {}))
    refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"nothing was stored: {'; '.join(unavailable)}", {"host": unavailable})


def _missing(host: str, available: HostAvailability) -> str:
    installed = ", ".join(available.installed) or "none"
    return f"{', '.join(available.missing)}: not on host {host}; installed are {installed}"
