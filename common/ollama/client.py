"""What an Ollama server says of itself: its version, its models, what is loaded.

The API and the worker both ask this. Driving a model, and timing it, is worker/ollama/client.py's alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import requests

from common.ollama.replies import failure, parsed, refuse, unexpected, whole, words
from common.ollama.transport import TimedAdapter
from common.timeouts import TimeLimits

CONNECT_TIMEOUT_S = 3
ANSWER_TIMEOUT_S = 20
SHORT_DIGEST = 12
LONGEST_VERSION = 64

Json = dict[str, Any]


@dataclass(frozen=True)
class InstalledModel:
    """A model on the server's disk. `size` in bytes, `modified` as Ollama writes it (ISO 8601 with zone)."""

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
    """A model in memory, by /api/ps. `size_vram` below `size` means that part of it runs on the CPU; `expires` is when
    it leaves if nobody asks for it, as Ollama writes it.
    """

    name: str
    digest: str
    size: int
    size_vram: int
    context_length: int | None
    expires: str | None = None


@dataclass(frozen=True)
class ModelFacts:
    """What /api/show tells beyond the list. `context_length` in tokens and `layers` are None where the file does not
    say; `path` is the model's file on the server's machine, None where the server does not tell.
    """

    capabilities: tuple[str, ...]
    context_length: int | None
    layers: int | None = None
    path: str | None = None


class Ollama:
    """One server, by its URL. Every method raises an OllamaError where the server does not answer as it should; each
    question to it ends within `answer_timeout_s` of being sent.
    """

    def __init__(self, url: str, answer_timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self.url = url
        connect_s = min(CONNECT_TIMEOUT_S, answer_timeout_s)
        limits = TimeLimits(connect_s, answer_timeout_s, answer_timeout_s, answer_timeout_s)
        self.http = session(TimedAdapter(limits))
        self.timeout = (connect_s, answer_timeout_s)

    def version(self) -> str:
        with self._understanding("/api/version"):
            return words(self.ask("GET", "/api/version")["version"])[:LONGEST_VERSION]

    def models(self) -> list[InstalledModel]:
        """The models on the server's own disk. Cloud models (`remote_host`) run elsewhere and are left out."""
        with self._understanding("/api/tags"):
            listed = self.ask("GET", "/api/tags").get("models") or []
            return [
                InstalledModel(
                    model["name"], model["digest"], model["size"], model["modified_at"], model.get("details") or {}
                )
                for model in listed
                if not model.get("remote_host")
            ]

    def loaded(self) -> list[LoadedModel]:
        with self._understanding("/api/ps"):
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
        with self._understanding("/api/show"):
            shown = self.ask("POST", "/api/show", {"model": name})
            return ModelFacts(
                tuple(shown.get("capabilities") or ()),
                _of_architecture(shown, "context_length"),
                _of_architecture(shown, "block_count"),
                _path(shown.get("modelfile") or ""),
            )

    @contextmanager
    def _understanding(self, path: str) -> Iterator[None]:
        """JSON that is not of the expected shape is garbage too."""
        try:
            yield
        except (KeyError, TypeError, AttributeError) as error:
            raise unexpected(f"{self.url}{path}", "a field is missing or of the wrong type") from error

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """The object that the server answers with."""
        try:
            with self.http.request(
                method,
                self.url + path,
                json=body,
                stream=True,
                timeout=self.timeout,
                allow_redirects=False,  # an answer from elsewhere is not this host's
            ) as answer:
                refuse(self.url, answer)
                return parsed(whole(answer))
        except requests.RequestException as error:
            raise failure(self.url, error) from error
        except ValueError as error:
            raise unexpected(f"{self.url}{path}", error) from error


def session(adapter: TimedAdapter) -> requests.Session:
    """For the machine under test: past the proxies of the environment, and uncompressed, so that what comes is what is
    read.
    """
    http = requests.Session()
    http.trust_env = False
    http.headers["Accept-Encoding"] = "identity"
    for scheme in ("http://", "https://"):
        http.mount(scheme, adapter)
    return http


def _of_architecture(shown: Json, name: str) -> int | None:
    """The number of that name under whatever the model's architecture is called: `llama.context_length`."""
    return next((n for key, n in (shown.get("model_info") or {}).items() if key.endswith(f".{name}")), None)


def _path(modelfile: str) -> str | None:
    """The first FROM that names a file; its path may hold blanks."""
    sources = (line[len("FROM ") :].strip() for line in modelfile.splitlines() if line.startswith("FROM "))
    return next((source for source in sources if PurePath(source).is_absolute()), None)
