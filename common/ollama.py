"""What an Ollama server says of itself: its version, its models, what is loaded.

The API and the worker both ask this. Driving a model, and timing it, is worker/ollama.py's alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath
from typing import Any

import requests
from urllib3.exceptions import ReadTimeoutError

from common.errors import OllamaBroke, OllamaRefused, OllamaUnreachable

CONNECT_TIMEOUT_S = 3
ANSWER_TIMEOUT_S = 20
SHORT_DIGEST = 12
LONGEST_VERSION = 64
LONGEST_WORDS = 500

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
    """One server, by its URL. Every method raises an OllamaError where the server does not answer as it should."""

    def __init__(self, url: str, answer_timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self.url = url
        self.answer_timeout_s = answer_timeout_s
        self.http = requests.Session()
        self.http.trust_env = False  # a proxy of the environment is not for the machine under test

    def version(self) -> str:
        with self._understanding("/api/version"):
            return words(self._ask("GET", "/api/version")["version"])[:LONGEST_VERSION]

    def models(self) -> list[InstalledModel]:
        """The models on the server's own disk. Cloud models (`remote_host`) run elsewhere and are left out."""
        with self._understanding("/api/tags"):
            listed = self._ask("GET", "/api/tags").get("models") or []
            return [
                InstalledModel(
                    model["name"], model["digest"], model["size"], model["modified_at"], model.get("details") or {}
                )
                for model in listed
                if not model.get("remote_host")
            ]

    def loaded(self) -> list[LoadedModel]:
        with self._understanding("/api/ps"):
            listed = self._ask("GET", "/api/ps").get("models") or []
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
            shown = self._ask("POST", "/api/show", {"model": name})
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
            raise OllamaBroke(f"{self.url}{path} answered in another shape than Ollama does; is it one?") from error

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        try:
            answer = self.http.request(
                method,
                self.url + path,
                json=body,
                timeout=(min(CONNECT_TIMEOUT_S, self.answer_timeout_s), self.answer_timeout_s),
                allow_redirects=False,  # an answer from elsewhere is not this host's
            )
        except requests.RequestException as error:
            raise unreachable(self.url, error) from error
        refuse_status(self.url, answer)
        try:
            answered: Json = answer.json()
        except requests.JSONDecodeError as error:
            raise OllamaBroke(f"{self.url}{path} answered no JSON; is it an Ollama?") from error
        return answered


def _of_architecture(shown: Json, name: str) -> int | None:
    """The number of that name under whatever the model's architecture is called: `llama.context_length`."""
    return next((n for key, n in (shown.get("model_info") or {}).items() if key.endswith(f".{name}")), None)


def _path(modelfile: str) -> str | None:
    """The first FROM that names a file; its path may hold blanks."""
    sources = (line[len("FROM ") :].strip() for line in modelfile.splitlines() if line.startswith("FROM "))
    return next((source for source in sources if PurePath(source).is_absolute()), None)


def words(said: object) -> str:
    """What a server says, fit for any log and database: printable, and no more than a person reads."""
    return "".join(letter if letter.isprintable() else " " for letter in str(said)[:LONGEST_WORDS])


def unreachable(url: str, error: requests.RequestException) -> OllamaUnreachable:
    # Silence within an answer is a ConnectionError to requests, raised from the time-out.
    silent = isinstance(error, requests.Timeout) or isinstance(error.__context__, ReadTimeoutError)
    reason = "does not answer in time" if silent else "cannot be reached"
    return OllamaUnreachable(f"Ollama at {url} {reason}; is it running there?")


def refuse_status(url: str, answer: requests.Response) -> None:
    """Raise OllamaRefused, with the server's own words, for any status but 200."""
    if answer.status_code == HTTPStatus.OK:
        return
    try:
        said = words(answer.json()["error"])
    except (requests.JSONDecodeError, KeyError, TypeError):
        said = answer.reason or "no reason given"
    raise OllamaRefused(f"Ollama at {url} answered {answer.status_code}: {said}", answer.status_code)
