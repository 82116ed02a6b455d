"""The models that hosts have, as they said a short time ago, so that a page seldom waits for one."""

from cachetools import TTLCache

from api.submission.capabilities import facts, facts_last_known
from api.submission.survey import survey
from common.environment.addresses import OllamaHost
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


def installed(name: str, host: OllamaHost) -> Listed:
    """Return the models on a host's disk, or why they are unknown. They are at most SECONDS old."""
    if host.url not in _recent:
        _recent[host.url] = survey(Ollama.models, {name: host}, TIMEOUT_S)[name]
    found = _recent[host.url]
    if not isinstance(found, OllamaError):
        facts(Ollama.at(host), found)
    return found


def facts_of(digest: str | None) -> ModelFacts | None:
    """Return what the file of a model says, None if no host has reported it."""
    return facts_last_known(digest) if digest else None
