"""What models can do. A host tells it of each model by itself, so it is asked of several at once, and not for long."""

from collections.abc import Collection
from functools import partial

from api.submission.survey import at_once
from common.errors import OllamaError
from common.ollama.client import InstalledModel, Ollama

PATIENCE_S = 3
"""For all models together: the list of them is worth having without."""
MOST_AT_ONCE = 4
"""The host may be measuring."""

_known: dict[str, tuple[str, ...]] = {}
"""By digest, which stands for everything in the model: asked once a process."""


def capabilities(url: str, models: Collection[InstalledModel]) -> dict[str, tuple[str, ...] | None]:
    """By the models' digests; None where the host at `url` does not tell, or not in time."""
    unknown = [model for model in models if model.digest not in _known]
    if unknown:
        ollama = Ollama(url, PATIENCE_S)
        at_once({model.digest: partial(_ask, ollama, model) for model in unknown}, PATIENCE_S, MOST_AT_ONCE)
    return {model.digest: _known.get(model.digest) for model in models}


def _ask(ollama: Ollama, model: InstalledModel) -> None:
    """What comes too late for this request is there for the next."""
    try:
        _known[model.digest] = ollama.facts(model.name).capabilities
    except OllamaError:
        return


def tags(model: InstalledModel, able: tuple[str, ...] | None) -> list[str]:
    """The model's tag, family, parameter size, quantisation and capabilities, as far as they are known."""
    details = [model.details.get(key) for key in ("family", "parameter_size", "quantization_level")]
    found = [model.name.rpartition(":")[2], *details, *(able or ())]
    return [str(tag) for tag in found if tag]
