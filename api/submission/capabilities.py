"""Facts and tags of models. A host reports facts per model, so several are requested at once."""

from collections.abc import Collection
from functools import partial

from api.submission.concurrent_requests import at_once
from common.errors import OllamaError
from common.ollama.client import Ollama
from common.ollama.models import InstalledModel, ModelFacts

TIMEOUT_S = 3
"""For all models together. The list of models is useful without capabilities."""
MAX_REQUESTS = 4
"""At once, because the host may be measuring."""

_known: dict[str, ModelFacts] = {}
"""The facts of each digest. A digest never changes its content, so each is requested once per process."""


def capabilities(server: Ollama, models: Collection[InstalledModel]) -> dict[str, tuple[str, ...] | None]:
    """Return the capabilities by digest; None if the server does not report them in time."""
    found = facts(server, models)
    return {model.digest: known.capabilities if (known := found[model.digest]) else None for model in models}


def facts(server: Ollama, models: Collection[InstalledModel]) -> dict[str, ModelFacts | None]:
    """Return what the models' files say, by digest; None if the server does not report it in time."""
    unknown = [model for model in models if model.digest not in _known]
    if unknown:
        ollama = server.within(TIMEOUT_S)
        at_once({model.digest: partial(_ask, ollama, model) for model in unknown}, TIMEOUT_S, MAX_REQUESTS)
    return {model.digest: _known.get(model.digest) for model in models}


def facts_last_known(digest: str) -> ModelFacts | None:
    """Return what the file of a model says, if any host has reported it since this process started."""
    return _known.get(digest)


def _ask(ollama: Ollama, model: InstalledModel) -> None:
    """Store a model's facts. An answer that is too late for this request is used by the next."""
    try:
        _known[model.digest] = ollama.facts(model.name)
    except OllamaError:
        return


def tags(model: InstalledModel, model_capabilities: tuple[str, ...] | None) -> list[str]:
    """Return the model's tag, family, parameter size, quantisation and capabilities, as far as they are known."""
    details = [model.details.get(key) for key in ("family", "parameter_size", "quantization_level")]
    found = [model.name.rpartition(":")[2], *details, *(model_capabilities or ())]
    return [str(tag) for tag in found if tag]
