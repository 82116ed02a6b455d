"""`GET /models`: what is installed on a host."""

from datetime import datetime
from typing import Any

from api.context import host_named, ollama_of
from api.openapi import Resource
from api.schemas.machines import InstalledModels, OnHost
from common.errors import OllamaError
from common.ollama import InstalledModel, Ollama
from common.units import iso, naive_utc

resource = Resource("models", __name__, description="The models on a host.")

_capabilities: dict[str, tuple[str, ...]] = {}
"""By digest, which stands for everything in the model: asked once a process."""


@resource.operation("GET", "/models", answer=(200, InstalledModels), query=OnHost)
def models(query: dict[str, Any]) -> dict[str, Any]:
    """The models that are installed on a host."""
    ollama = ollama_of(host_named(query.get("host")))
    return {"models": [describe(ollama, model) for model in ollama.models()]}


def describe(ollama: Ollama, model: InstalledModel) -> dict[str, Any]:
    """{name, tags, version, size, modified}, as on the wire."""
    return {
        "name": model.name,
        "tags": tags(ollama, model),
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


def tags(ollama: Ollama, model: InstalledModel) -> list[str]:
    """The model's tag, family, parameter size, quantisation and capabilities, as far as they are known."""
    details = [model.details.get(key) for key in ("family", "parameter_size", "quantization_level")]
    found = [model.name.rpartition(":")[2], *details, *_capabilities_of(ollama, model)]
    return [str(tag) for tag in found if tag]


def _capabilities_of(ollama: Ollama, model: InstalledModel) -> tuple[str, ...]:
    if model.digest not in _capabilities:
        try:
            _capabilities[model.digest] = ollama.facts(model.name).capabilities
        except OllamaError:
            return ()  # the list is worth having without them
    return _capabilities[model.digest]
