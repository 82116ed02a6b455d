"""Driving a model: the only module that makes Ollama generate, load and unload.

What the numbers of the last line mean, and their traps, stands in docs/measuring.md.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import requests

from common.errors import OllamaBroke, OllamaError
from common.ollama import CONNECT_TIMEOUT_S, Ollama, refuse_status, unreachable
from worker.answers import Embeddings, Generation, read_embeddings, read_stream
from worker.connection import StampingAdapter
from worker.stopwatch import Stopwatch, lines
from worker.turn import TURN

SILENCE_S = 600
"""A server may load a large model, or read a long prompt, for minutes before its first byte."""

ANSWER_LIMIT = 1 << 26
KEEP_ALIVE = "30m"
UNLOAD_TIMEOUT_S = 60
POLL_S = 0.05

TEMPERATURE = 0.7
"""Greedy decoding falls into loops that end a stream early."""
SAMPLING = {"seed": 42, "repeat_penalty": 1.1, "stop": []}
"""`stop: []` overrides the model file's stop words."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What a run asks for. Requests that differ in `context_length` or `gpu_layers` make the server load the model
    anew; `gpu_layers` None leaves the layers on the GPU to the server. A request is raw, because a template would move
    the nonce from the head of the prompt, except where the model is to `think`, which only its template can ask for.
    """

    model: str
    prompt: str
    output_tokens: int
    context_length: int
    temperature: float = TEMPERATURE
    gpu_layers: int | None = None
    think: bool = False

    def body(self) -> Json:
        """The body of /api/generate."""
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
    """Makes the models of one server work. Every method raises an OllamaError where the server fails."""

    def __init__(self, server: Ollama) -> None:
        self.server = server
        self.http = requests.Session()
        self.http.trust_env = False  # as the server's own
        self.http.mount("http://", StampingAdapter())
        plain = server.url.startswith("http://")
        self.turn: AbstractContextManager[None] = TURN if plain else nullcontext()  # TLS waits without giving it up

    def generate(self, request: Request) -> Generation:
        """Run a request and time its stream. Closing it early, as any error does, makes the server stop.

        The stream is parsed once it has ended, so that parsing delays no stamp.
        """
        with self.turn, self._understanding():
            stopwatch, arrivals = self._stream(request.body())
            generation = read_stream(lines(arrivals))
        return _stamped(generation, stopwatch)

    def embed(self, model: str, inputs: Sequence[str], context_length: int) -> Embeddings:
        """Have the inputs embedded by one request. One that the context does not hold is refused, not cut."""
        options = {"num_ctx": context_length}
        body = {"model": model, "input": list(inputs), "truncate": False, "keep_alive": KEEP_ALIVE, "options": options}
        with self.turn, self._understanding():
            stopwatch, arrivals = self._stream(body, "/api/embed")
            found = read_embeddings(arrivals)
        return replace(found, answer=_stamped(found.answer, stopwatch))

    @contextmanager
    def _understanding(self) -> Iterator[None]:
        try:
            yield
        except requests.exceptions.ChunkedEncodingError as error:
            raise OllamaBroke("the stream was cut before its end; did the server or its runner die?") from error
        except ValueError as error:
            raise OllamaBroke(f"the stream holds what is no answer: {error}") from error
        except requests.RequestException as error:
            raise unreachable(self.server.url, error) from error

    def _stream(self, body: Json, path: str = "/api/generate") -> tuple[Stopwatch, list[tuple[int, bytes]]]:
        prepared = self.http.prepare_request(requests.Request("POST", self.server.url + path, json=body))
        stopwatch = Stopwatch()
        with self.http.send(
            prepared, stream=True, timeout=(CONNECT_TIMEOUT_S, SILENCE_S), allow_redirects=False
        ) as answer:
            refuse_status(self.server.url, answer)
            return stopwatch, list(_bounded(stopwatch.arrivals(answer)))

    def is_loaded(self, model: str) -> bool:
        return any(loaded.name == model for loaded in self.server.loaded())

    def unload(self, model: str) -> None:
        """Put the model out of memory, and wait until /api/ps no longer lists it: the server unloads later."""
        body = {"model": model, "keep_alive": 0, "stream": False}
        try:
            answer = self.server.http.post(
                f"{self.server.url}/api/generate",
                json=body,
                timeout=(CONNECT_TIMEOUT_S, UNLOAD_TIMEOUT_S),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise unreachable(self.server.url, error) from error
        refuse_status(self.server.url, answer)
        deadline = time.monotonic() + UNLOAD_TIMEOUT_S
        while self.is_loaded(model):
            if time.monotonic() > deadline:
                raise OllamaError(f"{model} is still loaded {UNLOAD_TIMEOUT_S} s after it was told to unload")
            time.sleep(POLL_S)


def _bounded(arrivals: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Ends an answer that would fill the memory."""
    size = 0
    for stamp, piece in arrivals:
        size += len(piece)
        if size > ANSWER_LIMIT:
            raise ValueError(f"an answer of more than {ANSWER_LIMIT} bytes")
        yield stamp, piece


def _stamped(answer: Generation, stopwatch: Stopwatch) -> Generation:
    return replace(answer, clock=stopwatch.clock, jump_ns=stopwatch.jump_ns, sent_ns=stopwatch.sent_ns)
