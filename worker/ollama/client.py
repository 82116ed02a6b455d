"""The driver of models: the only module that makes Ollama generate, load and unload.

docs/measuring/metrics.md explains the numbers of the last line and their pitfalls.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import requests

from common.environment.timeouts import TimeLimits
from common.errors import OllamaBusy
from common.ollama.client import Ollama, session
from common.ollama.engine import Engine
from common.ollama.models import LoadedModel
from common.ollama.status import check
from common.values.free_json import Json
from worker.ollama.errors import translated_errors
from worker.ollama.memory import ModelMemory
from worker.ollama.responses import (
    ANSWER_LIMIT,
    LINE_LIMIT,
    Embeddings,
    Generation,
    bounded,
    read_embeddings,
    read_stream,
)
from worker.ollama.server_use import ServerUse
from worker.ollama.timing.socket import StampingAdapter
from worker.ollama.timing.stopwatch import Stopwatch, lines
from worker.ollama.timing.stream_lock import STREAM_LOCK

KEEP_ALIVE_S = 1800
KEEP_ALIVE = f"{KEEP_ALIVE_S}s"
"""How long the server keeps a model in memory after its last request."""
UNLOAD_TIMEOUT_S = 60
STALE_TIMEOUT_S = 5
POLL_S = 0.05

TEMPERATURE = 0.7
"""Greedy decoding falls into loops that end a stream early."""
SAMPLING = {"seed": 42, "repeat_penalty": 1.1, "stop": []}
"""`stop: []` overrides the model file's stop words."""


@dataclass(frozen=True)
class Request:
    """A request to generate text.

    A change of `context_length` or `gpu_layers` makes the server reload the model. With `gpu_layers` None the server
    decides how many layers are on the GPU. A request is raw, because a template would move the nonce away from the head
    of the prompt. A request to `think` is not raw, because only the template can ask for thinking.
    """

    model: str
    prompt: str
    output_tokens: int
    context_length: int
    temperature: float = TEMPERATURE
    gpu_layers: int | None = None
    think: bool = False

    def body(self) -> Json:
        """Return the body of /api/generate."""
        options = {"num_predict": self.output_tokens, "num_ctx": self.context_length, "temperature": self.temperature}
        layers = {} if self.gpu_layers is None else {"num_gpu": self.gpu_layers}
        return {
            "model": self.model,
            "prompt": self.prompt,
            "stream": True,
            "keep_alive": KEEP_ALIVE,
            "options": {**SAMPLING, **options, **layers},
            **({"think": True} if self.think else {"raw": True}),
        }


class Driver:
    """A client that makes the models of one server work. Every method raises an OllamaError if the server fails.

    `engines` are those of the models, as far as they are known.
    """

    def __init__(self, server: Ollama, limits: TimeLimits | None = None, use: ServerUse | None = None) -> None:
        self.server = server
        self.use = use or ServerUse()
        self.memory = ModelMemory(server)
        self.limits = limits or TimeLimits()
        self.engines: Mapping[str, Engine | None] = {}
        self.http = session(StampingAdapter(self.limits), server.authorization)
        plain = server.url.startswith("http://")
        # A TLS connection would hold the lock while it waits.
        self.lock: AbstractContextManager[None] = STREAM_LOCK if plain else nullcontext()

    def connect(self) -> None:
        """Open the connection that the next request uses, so that opening it is in no measurement."""
        timeout = (self.limits.connect_s, self.limits.silence_s)
        with self.lock, translated_errors(self.server.url, self.limits):
            self.http.get(f"{self.server.url}/api/version", timeout=timeout, allow_redirects=False).close()

    def generate(self, request: Request) -> Generation:
        """Send a request and time its stream. An error closes the stream, which makes the server stop.

        The stream is parsed after its end, so that parsing delays no time stamp.
        """
        with self.use.request(request.model), self.lock, translated_errors(self.server.url, self.limits):
            stopwatch, arrivals = self._stream("/api/generate", request.body(), LINE_LIMIT)
            generation = read_stream(lines(arrivals))
        return replace(_stamped(generation, stopwatch), engine=self.engines.get(request.model))

    def embed(self, model: str, inputs: Sequence[str], context_length: int) -> Embeddings:
        """Embed the inputs with one request. The server refuses an input that exceeds the context, and cuts none."""
        options = {"num_ctx": context_length}
        body = {"model": model, "input": list(inputs), "truncate": False, "keep_alive": KEEP_ALIVE, "options": options}
        with self.use.request(model), self.lock, translated_errors(self.server.url, self.limits):
            stopwatch, arrivals = self._stream("/api/embed", body, ANSWER_LIMIT)
            embeddings = read_embeddings(arrivals)
        return replace(embeddings, answer=_stamped(embeddings.answer, stopwatch))

    def _stream(self, path: str, body: Json, line_limit: int) -> tuple[Stopwatch, list[tuple[int, bytes]]]:
        prepared = self.http.prepare_request(requests.Request("POST", self.server.url + path, json=body))
        timeout = (self.limits.connect_s, self.limits.silence_s)
        stopwatch = Stopwatch()
        with self.http.send(prepared, stream=True, timeout=timeout, allow_redirects=False) as answer:
            check(self.server.url, answer)
            return stopwatch, list(bounded(stopwatch.arrivals(answer), line_limit))

    def is_loaded(self, model: str) -> bool:
        return self.find(model) is not None

    def find(self, model: str) -> LoadedModel | None:
        """Return the entry of /api/ps for the runner that would answer the model; None if it is not in memory."""
        return self.memory.find(self.memory.identify(model))

    def unload(
        self, model: str, timeout_s: float | None = None, ensure_active: Callable[[], None] = lambda: None
    ) -> None:
        """Unload the model, and wait until /api/ps no longer lists it.

        The server unloads it when the last request to it has ended, also one whose client has left.

        Raises:
            OllamaBusy: if it is still listed after UNLOAD_TIMEOUT_S, or `timeout_s`.
        """
        wanted = self.memory.identify(model)
        self.request_unload(model)
        limit_s = UNLOAD_TIMEOUT_S if timeout_s is None else timeout_s
        deadline = time.monotonic() + limit_s
        while self.memory.find(wanted):
            if time.monotonic() > deadline:
                raise OllamaBusy(f"{model} is still loaded {limit_s:g} s after the request to unload it.")
            ensure_active()
            time.sleep(POLL_S)

    def unload_stale(self, model: str) -> None:
        """Unload the model if its runner may be listed as a model that is no longer installed.

        The server would go on using that runner, and it could not be known whether the model is in memory. If the
        runner is another model's, the request changes nothing, so this does not wait for long.
        """
        if not self.memory.is_stale():
            return
        self.request_unload(model)
        deadline = time.monotonic() + STALE_TIMEOUT_S
        while self.memory.is_stale() and time.monotonic() < deadline:
            time.sleep(POLL_S)

    def request_unload(self, model: str, timeout_s: float | None = None) -> None:
        """Ask the server to unload the model after its last request, and do not wait for that."""
        body = {"model": model, "keep_alive": 0, "stream": False}
        self.server.within(timeout_s or UNLOAD_TIMEOUT_S).ask("POST", "/api/generate", body)


def _stamped(answer: Generation, stopwatch: Stopwatch) -> Generation:
    return replace(answer, clock=stopwatch.clock, jump_ns=stopwatch.jump_ns, sent_ns=stopwatch.sent_ns)
