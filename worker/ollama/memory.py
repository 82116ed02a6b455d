"""The models in a server's memory, each known by its weights."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from common.errors import OllamaHTTPError, OllamaProtocolError
from common.ollama.client import Ollama
from common.ollama.identity import Identity, same_name
from common.ollama.models import InstalledModel, LoadedModel, named

Weights = tuple[str, ...]


@dataclass
class ModelMemory:
    """The memory of one server. Every method raises an OllamaError if the server fails.

    `weights` holds the known weights by digest. A digest never changes its content, so each is requested once.
    """

    server: Ollama
    weights: dict[str, Weights] = field(default_factory=dict)

    def loaded(self) -> list[LoadedModel]:
        """Return the models in memory, with their weights as far as they are known."""
        listed = self.server.loaded()
        installed = [] if all(model.digest in self.weights for model in listed) else self.server.models()
        return [self._with_weights(model, installed) for model in listed]

    def find(self, wanted: Identity) -> LoadedModel | None:
        """Return the entry of /api/ps for the runner that would answer the model; None if it is not in memory."""
        return next((model for model in self.loaded() if wanted.matches(model.identity)), None)

    def identify(self, name: str) -> Identity:
        """Return the identity of an installed model. Only the name is known of one that is not installed."""
        found = named(self.server.models(), name)
        return Identity(found.name, found.digest, self._weights(found)) if found else Identity(name)

    def is_stale(self) -> bool:
        """Return True if a model in memory is no longer installed as it was loaded.

        Its name was deleted, or another model was created by it. What it was loaded from is then unknown.
        """
        installed = {model.digest for model in self.server.models()}
        return any(model.digest and model.digest not in installed for model in self.server.loaded())

    def _with_weights(self, loaded: LoadedModel, installed: Sequence[InstalledModel]) -> LoadedModel:
        """Look the model up by its digest, because its name may mean another model by now."""
        if loaded.digest in self.weights:
            return replace(loaded, weights=self.weights[loaded.digest])
        found = next((model for model in installed if _is_installed_as(loaded, model)), None)
        return replace(loaded, weights=self._weights(found)) if found else loaded

    def _weights(self, model: InstalledModel) -> Weights:
        """Return the weights of an installed model; none if the server does not report them."""
        if model.digest not in self.weights:
            try:
                self.weights[model.digest] = self.server.facts(model.name).weights
            except (OllamaHTTPError, OllamaProtocolError):  # deleted since, or broken: another model must not matter
                return ()
        return self.weights[model.digest]


def _is_installed_as(loaded: LoadedModel, model: InstalledModel) -> bool:
    return model.digest == loaded.digest if loaded.digest else same_name(model.name, loaded.name)
