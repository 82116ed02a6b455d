"""`GET /models`: what is installed on a host."""

from datetime import datetime
from typing import Any

from api.http.openapi import Resource
from api.http.settings import host_named, settings
from api.schemas.machines import InstalledModels, OnHost
from api.submission.capabilities import capabilities, tags
from api.submission.survey import survey
from common.errors import OllamaError
from common.ollama.client import InstalledModel, Ollama
from common.units import iso, naive_utc

resource = Resource("models", __name__, description="The models on a host.")

PATIENCE_S = 10
"""For the list; what the models can do is waited for after that."""


@resource.operation("GET", "/models", answer=(200, InstalledModels), query=OnHost)
def models(query: dict[str, Any]) -> dict[str, Any]:
    """The models that are installed on a host."""
    host = host_named(query.get("host"))
    url = settings().ollama_hosts[host]
    found = survey(Ollama.models, {host: url}, PATIENCE_S)[host]
    if isinstance(found, OllamaError):
        raise found
    able = capabilities(url, found)
    return {"models": [describe(model, able[model.digest]) for model in found]}


def describe(model: InstalledModel, able: tuple[str, ...] | None) -> dict[str, Any]:
    """{name, tags, capabilities, version, size, modified}, as on the wire."""
    return {
        "name": model.name,
        "tags": tags(model, able),
        "capabilities": able,
        "version": model.version,
        "size": model.size,
        "modified": moment(model.modified),
    }


def moment(text: str) -> str | None:
    """A time as Ollama writes it, as the API does."""
    try:
        return iso(naive_utc(datetime.fromisoformat(text)))
    except (ValueError, OverflowError):
        return None  # unknown, which is no reason to show no models
