"""Models as a server reports them: on its disk, in its memory, and what their files say."""

from collections.abc import Iterable
from dataclasses import dataclass

from common.ollama.context_memory import NOT_REPORTED, ContextMemory
from common.ollama.identity import Identity, same_name
from common.values.free_json import Json

SHORT_DIGEST = 12


@dataclass(frozen=True)
class InstalledModel:
    """A model on the server's disk. `size` is in bytes, `modified` is Ollama's text (ISO 8601 with a time zone).

    What the server does not report is None, and left out of the `details`.
    """

    name: str
    digest: str
    size: int | None
    modified: str | None
    details: Json

    @property
    def version(self) -> str:
        return self.digest[:SHORT_DIGEST]


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory, from /api/ps. Sizes are in bytes. What the server does not report is None.

    If `size_vram` is below `size`, a part of the model runs on the CPU. `expires` is when Ollama unloads it if it is
    not used, as Ollama's text. /api/ps does not list the `weights`.
    """

    name: str
    digest: str | None
    size: int | None
    size_vram: int | None
    context_length: int | None
    expires: str | None = None
    weights: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        return Identity(self.name, self.digest, self.weights)


@dataclass(frozen=True)
class ModelFacts:
    """Facts about a model from /api/show.

    `context_length` in tokens and `layers` are None if the model's file lacks them. `files` are the paths of the model,
    its projectors and adapters on the server's machine, as far as it reports them. `weights` are those of `Identity`.
    `context_memory` is what a token of context takes.
    """

    capabilities: tuple[str, ...]
    context_length: int | None
    layers: int | None = None
    files: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    context_memory: ContextMemory = NOT_REPORTED


def named(models: Iterable[InstalledModel], name: str) -> InstalledModel | None:
    """Return the model of this name. Old servers may have another one whose name differs only in case."""
    same = [model for model in models if same_name(model.name, name)]
    return next((model for model in same if model.name == name), same[0] if same else None)
