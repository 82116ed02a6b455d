"""On which hosts a session runs, and with which models: the host that is named, any that has them, or all."""

from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from operator import attrgetter
from threading import Lock
from typing import Any, NoReturn

from cachetools import TTLCache, cached

from api.http.errors import refuse, refuse_fields
from api.http.settings import host_named, settings
from api.submission.capabilities import capabilities, tags
from api.submission.survey import survey
from common.config import ALL_HOSTS, ANY_HOST
from common.errors import OllamaError
from common.ollama.client import InstalledModel, Ollama
from common.store import totals

PATIENCE_S = 10
"""A host that measures is slow to answer; one that takes longer counts as away."""

RECENT_S = 1.0
"""Submissions ask a host for its models no more often: many requests would disturb what it measures."""
MAX_HOSTS = 1000

Json = dict[str, Any]

_recent: TTLCache[str, dict[str, InstalledModel]] = TTLCache(MAX_HOSTS, RECENT_S)
"""Models of a host by name, by its URL."""
_lock = Lock()


@dataclass(frozen=True)
class HostAvailability:
    """What a host has of the models that are asked for: `models` as they are stored, the names of those `missing`, and
    of all that are `there`.
    """

    models: list[Json]
    missing: list[str]
    there: list[str]


def placed(models: list[str], wanted: str | None) -> dict[str, list[Json]]:
    """The models as they are stored, by host, for a session on the host `wanted`: a name, `any` or `all`.

    422 where a model is missing, 503 where an Ollama is away; `any` puts up with both as long as one host has them all.
    """
    offers = _offers(models, wanted)
    whole = {
        host: offer.models
        for host, offer in offers.items()
        if isinstance(offer, HostAvailability) and not offer.missing
    }
    if wanted == ANY_HOST and whole:
        host = _shortest_queue(list(whole))
        return {host: whole[host]}
    if len(whole) < len(offers):
        _refuse(offers)
    return whole


def _offers(models: list[str], wanted: str | None) -> dict[str, HostAvailability | OllamaError]:
    known = settings().ollama_hosts
    names = list(known) if wanted in (ANY_HOST, ALL_HOSTS) else [host_named(wanted)]
    return survey(lambda ollama: _offer(ollama, models), {name: known[name] for name in names}, PATIENCE_S)


def _offer(ollama: Ollama, names: list[str]) -> HostAvailability:
    there = _installed(ollama)
    if any(name not in there for name in names):
        with _lock:
            _recent.pop(ollama.url, None)
        there = _installed(ollama)  # it may have been pulled since
    found = [there[name] for name in names if name in there]
    missing = [name for name in names if name not in there]
    able = capabilities(ollama.url, found)
    return HostAvailability([_stored(model, tags(model, able[model.digest])) for model in found], missing, list(there))


@cached(_recent, key=attrgetter("url"), lock=_lock)
def _installed(ollama: Ollama) -> dict[str, InstalledModel]:
    """Return what the host has, by name."""
    return {model.name: model for model in ollama.models()}


def _stored(model: InstalledModel, tags_of: list[str]) -> Json:
    return {
        "name": model.name,
        "version": model.version,
        "digest": model.digest,
        "size": model.size,
        "tags": tags_of,
    }


def _shortest_queue(hosts: list[str]) -> str:
    """The host with the fewest sessions that wait or run; of several the first."""
    unfinished: Counter[str] = Counter()
    for part in totals.unfinished():
        unfinished[part.host] += part.count
    return min(hosts, key=lambda host: unfinished[host])


def _refuse(offers: dict[str, HostAvailability | OllamaError]) -> NoReturn:
    """Say of each host what it lacks. A model that is missing is the client's to mend, and told first."""
    lacking = [
        _lack(host, offer) for host, offer in offers.items() if isinstance(offer, HostAvailability) and offer.missing
    ]
    away = [f"{host}: {offer}" for host, offer in offers.items() if isinstance(offer, OllamaError)]
    if lacking:
        refuse_fields({"models": lacking} | ({"host": away} if away else {}))
    refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"nothing was taken: {'; '.join(away)}", {"host": away})


def _lack(host: str, offer: HostAvailability) -> str:
    return f"{', '.join(offer.missing)}: not on host {host}; there are {', '.join(offer.there) or 'none'}"
