"""A client for the facts about an Ollama server: its version, its models, the loaded models.

The API and the worker use it. Only worker/ollama/client.py runs and times models.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from common.free_json import Json
from common.ollama.identity import Identity, model_path, weights_of
from common.ollama.replies import parse_object, printable, read_body, to_error, unexpected
from common.ollama.status import check
from common.ollama.transport import TimedAdapter
from common.timeouts import TimeLimits

CONNECT_TIMEOUT_S = 3
RESPONSE_TIMEOUT_S = 20
SHORT_DIGEST = 12
MAX_VERSION_LENGTH = 64


@dataclass(frozen=True)
class InstalledModel:
    """A model on the server's disk. `size` is in bytes, `modified` is Ollama's text (ISO 8601 with a time zone)."""

    name: str
    digest: str
    size: int
    modified: str
    details: Json

    @property
    def version(self) -> str:
        return self.digest[:SHORT_DIGEST]


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory, from /api/ps. Sizes are in bytes.

    If `size_vram` is below `size`, a part of the model runs on the CPU. `expires` is when Ollama unloads it if it is
    not used, as Ollama's text. /api/ps does not list the `weights`.
    """

    name: str
    digest: str
    size: int
    size_vram: int
    context_length: int | None
    expires: str | None = None
    weights: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        return Identity(self.name, self.digest, self.weights)


@dataclass(frozen=True)
class ModelFacts:
    """Facts about a model from /api/show.

    `context_length` in tokens and `layers` are None if the model's file lacks them. `path` is that file on the server's
    machine, or None if the server does not report it. `weights` are the files that are loaded (`Identity`).
    """

    capabilities: tuple[str, ...]
    context_length: int | None
    layers: int | None = None
    path: str | None = None
    weights: tuple[str, ...] = ()


class Ollama:
    """One server. Each request ends within `timeout_s`, and every method raises an OllamaError if it fails.

    `authorization` is the header of that name, which is secret.
    """

    def __init__(self, url: str, timeout_s: float = RESPONSE_TIMEOUT_S, authorization: str | None = None) -> None:
        self.url = url
        self.authorization = authorization
        connect_s = min(CONNECT_TIMEOUT_S, timeout_s)
        self.http = session(TimedAdapter(TimeLimits(connect_s, timeout_s, timeout_s, timeout_s)), authorization)
        self.timeout = (connect_s, timeout_s)

    def within(self, timeout_s: float) -> "Ollama":
        """Return a client of the same server whose requests end within `timeout_s`."""
        return Ollama(self.url, timeout_s, self.authorization)

    def version(self) -> str:
        with self._expected_shape("/api/version"):
            return printable(self.ask("GET", "/api/version")["version"])[:MAX_VERSION_LENGTH]

    def models(self) -> list[InstalledModel]:
        """Return the models on the server's disk. Cloud models (`remote_host`) run elsewhere and are left out."""
        with self._expected_shape("/api/tags"):
            listed = self.ask("GET", "/api/tags").get("models") or []
            return [
                InstalledModel(
                    model["name"], model["digest"], model["size"], model["modified_at"], model.get("details") or {}
                )
                for model in listed
                if not model.get("remote_host")
            ]

    def loaded(self) -> list[LoadedModel]:
        with self._expected_shape("/api/ps"):
            listed = self.ask("GET", "/api/ps").get("models") or []
            return [
                LoadedModel(
                    model["name"],
                    model["digest"],
                    model["size"],
                    model.get("size_vram", 0),
                    model.get("context_length"),
                    model.get("expires_at"),
                )
                for model in listed
            ]

    def facts(self, name: str) -> ModelFacts:
        with self._expected_shape("/api/show"):
            shown = self.ask("POST", "/api/show", {"model": name})
            modelfile = shown.get("modelfile") or ""
            return ModelFacts(
                tuple(shown.get("capabilities") or ()),
                _architecture_value(shown, "context_length"),
                _architecture_value(shown, "block_count"),
                model_path(modelfile),
                weights_of(modelfile),
            )

    @contextmanager
    def _expected_shape(self, path: str) -> Iterator[None]:
        """Raise OllamaProtocolError if the block finds that the JSON lacks the expected fields."""
        try:
            yield
        except (KeyError, TypeError, AttributeError) as error:
            raise unexpected(f"{self.url}{path}", "the JSON lacks expected fields") from error

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """Send a request and return the JSON object of the response."""
        try:
            with self.http.request(
                method,
                self.url + path,
                json=body,
                stream=True,
                timeout=self.timeout,
                allow_redirects=False,  # a response from elsewhere is not this host's
            ) as response:
                check(self.url, response)
                return parse_object(read_body(response))
        except requests.RequestException as error:
            raise to_error(self.url, error) from error
        except ValueError as error:
            raise unexpected(f"{self.url}{path}", error) from error


def session(adapter: TimedAdapter, authorization: str | None) -> requests.Session:
    """Return an HTTP session without the environment's proxies and without compression.

    Then the bytes that arrive from the machine under test are those that are read. `authorization` is sent as a header.
    """
    http = requests.Session()
    http.trust_env = False
    http.headers["Accept-Encoding"] = "identity"
    if authorization:
        http.headers["Authorization"] = authorization
    for scheme in ("http://", "https://"):
        http.mount(scheme, adapter)
    return http


def _architecture_value(shown: Json, name: str) -> int | None:
    """Return the value whose key ends in this name. The prefix is the architecture: `llama.context_length`."""
    return next((n for key, n in (shown.get("model_info") or {}).items() if key.endswith(f".{name}")), None)
