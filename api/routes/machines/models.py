"""`GET /models`: the models installed on a host."""

from datetime import datetime
from typing import Any

from api.http.settings import host_named, settings
from api.openapi.resource import Resource
from api.schemas.machines.hosts import InstalledModels, OnHost
from api.submission.capabilities import capabilities, tags
from api.submission.concurrent_requests import survey
from common.errors import OllamaError
from common.ollama.client import Ollama
from common.ollama.models import InstalledModel
from common.store.earlier.newest.last_measured import last_measured
from common.values.units import iso, naive_utc

resource = Resource("models", __name__, description="The models on a host.")

TIMEOUT_S = 10
"""Limit for the list. The capabilities are requested after it."""


@resource.operation("GET", "/models", name="listModels", answer=(200, InstalledModels), query=OnHost)
def models(query: dict[str, Any]) -> dict[str, Any]:
    """List the models installed on a host.

    Their names are what sessions are submitted with.
    """
    name = host_named(query.get("host"))
    host = settings().ollama_hosts[name]
    found = survey(Ollama.models, {name: host}, TIMEOUT_S)[name]
    if isinstance(found, OllamaError):
        raise found
    known = capabilities(Ollama.at(host), found)
    ended = last_measured(name, [model.name for model in found])
    return {
        "models": [
            {**describe(model, known[model.digest]), "last_measured": iso(ended.get(model.name))} for model in found
        ]
    }


def describe(model: InstalledModel, model_capabilities: tuple[str, ...] | None) -> dict[str, Any]:
    """Return {name, tags, capabilities, version, size, modified}, as in the API."""
    return {
        "name": model.name,
        "tags": tags(model, model_capabilities),
        "capabilities": model_capabilities,
        "version": model.version,
        "size": model.size,
        "modified": moment(model.modified),
    }


def moment(text: str | None) -> str | None:
    """Convert a time in Ollama's format to the API's."""
    try:
        return iso(naive_utc(datetime.fromisoformat(text or "")))
    except (ValueError, OverflowError):
        return None  # an unknown time must not hide the models
