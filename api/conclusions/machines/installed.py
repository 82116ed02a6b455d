"""The models that hosts have, as listed a short time ago, so that a page rarely waits for a host."""

from collections.abc import Mapping

from cachetools import TTLCache

from api.submission.capabilities import facts, facts_last_known
from api.submission.concurrent_requests import survey
from common.environment.servers.addresses import OllamaHost
from common.errors import OllamaError
from common.ollama.client import Ollama
from common.ollama.models import InstalledModel, ModelFacts

TIMEOUT_S = 1.0
"""A host that does not answer in this time is asked again when its answer has expired."""
SECONDS = 30
MAX_HOSTS = 1000

Listed = list[InstalledModel] | OllamaError

_recent: TTLCache[str, Listed] = TTLCache(MAX_HOSTS, SECONDS)
"""By URL."""


def installed(hosts: Mapping[str, OllamaHost]) -> dict[str, Listed]:
    """Return the models on the disk of each host, or why they are unknown. They are at most SECONDS old.

    All hosts are asked at once. What the files of their models say is known afterwards.
    """
    found = {name: _recent[host.url] for name, host in hosts.items() if host.url in _recent}
    expired = {name: host for name, host in hosts.items() if name not in found}
    new = survey(Ollama.models, expired, TIMEOUT_S) if expired else {}
    for name, listed in new.items():
        _recent[hosts[name].url] = listed
        if not isinstance(listed, OllamaError):
            facts(Ollama.at(hosts[name]), listed)
    return {**found, **new}


def facts_of(digest: str | None) -> ModelFacts | None:
    """Return what the file of a model says, None if no host has reported it."""
    return facts_last_known(digest) if digest else None
