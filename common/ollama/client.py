"""A client for the facts about an Ollama server: its version, its models, the loaded models.

The API and the worker use it. Only worker/ollama/client.py runs and times models.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import requests

from common.environment.servers.addresses import OllamaHost
from common.environment.timeouts import TimeLimits
from common.errors import OllamaProtocolError
from common.ollama.context_memory import context_memory
from common.ollama.identity import files_of, weights_of
from common.ollama.models import InstalledModel, LoadedModel, ModelFacts
from common.ollama.replies import SEE_LOG, parse_object, printable, read_body, to_error, unexpected
from common.ollama.schemas import Architecture, Installed, Loaded, Shown, Version, read_list
from common.ollama.status import check
from common.ollama.transport import TimedAdapter
from common.values.free_json import Json

CONNECT_TIMEOUT_S = 3
RESPONSE_TIMEOUT_S = 20
MAX_VERSION_LENGTH = 64


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

    @classmethod
    def at(cls, host: OllamaHost, timeout_s: float = RESPONSE_TIMEOUT_S) -> "Ollama":
        """Return a client of the host, with the user and password of its address."""
        return cls(host.url, timeout_s, host.authorization)

    def within(self, timeout_s: float) -> "Ollama":
        """Return a client of the same server whose requests end within `timeout_s`."""
        return Ollama(self.url, timeout_s, self.authorization)

    def version(self) -> str:
        with self._expected_shape("/api/version") as source:
            return printable(Version().read(self.ask("GET", "/api/version"), source)["version"])[:MAX_VERSION_LENGTH]

    def models(self) -> list[InstalledModel]:
        """Return the models on the server's disk. Cloud models (`remote_host`) run elsewhere and are left out."""
        with self._expected_shape("/api/tags") as source:
            listed = read_list(Installed(), self.ask("GET", "/api/tags").get("models"), source)
        local = [entry for entry in listed if not entry.pop("remote_host")]
        return [InstalledModel(**{**entry, "details": _known(entry["details"])}) for entry in _distinct(local, "name")]

    def loaded(self) -> list[LoadedModel]:
        with self._expected_shape("/api/ps") as source:
            listed = read_list(Loaded(), self.ask("GET", "/api/ps").get("models"), source)
        return [LoadedModel(**entry) for entry in _distinct(listed, "name", "digest")]

    def facts(self, name: str) -> ModelFacts:
        with self._expected_shape("/api/show") as source:
            shown = Shown().read(self.ask("POST", "/api/show", {"model": name}), source)
        own = _own(shown["model_info"] or {})
        architecture = Architecture().read(own, source)
        modelfile = shown["modelfile"] or ""
        return ModelFacts(
            tuple(shown["capabilities"] or ()),
            architecture["context_length"],
            architecture["block_count"],
            files_of(modelfile),
            weights_of(modelfile),
            context_memory(own),
        )

    @contextmanager
    def _expected_shape(self, path: str) -> Iterator[str]:
        """Yield the URL, and raise OllamaProtocolError if the block finds the reply wrong."""
        try:
            yield self.url + path
        except ValueError as error:
            raise unexpected(f"{self.url}{path}", error) from error

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
                found = parse_object(read_body(response))
        except requests.RequestException as error:
            raise to_error(self.url, error) from error
        except ValueError as error:
            raise unexpected(f"{self.url}{path}", error) from error
        if found.get("error"):
            reason = printable(found["error"])
            raise OllamaProtocolError(f"Ollama at {self.url} answered {path} with an error: {reason}. {SEE_LOG}")
        return found


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


def _distinct(entries: Sequence[Json], *keys: str) -> list[Json]:
    """Return the entries without those whose values of the keys have come before."""
    first = {tuple(entry[key] for key in keys): entry for entry in reversed(entries)}
    return list(reversed(first.values()))


def _own(info: Json) -> Json:
    """Return the facts under the model's own architecture: `x.block_count`, not `x.audio.block_count`."""
    prefix = f"{info.get('general.architecture')}."
    return {name.removeprefix(prefix): value for name, value in info.items() if name.startswith(prefix)}


def _known(details: Json | None) -> Json:
    return {name: value for name, value in (details or {}).items() if value is not None}
