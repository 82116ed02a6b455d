"""Driving a model: the only module that makes Ollama generate, load and unload.

What the numbers of the last line mean, and their traps, stands in docs/measuring.md.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import requests

from common.errors import OllamaBroke, OllamaError
from common.ollama import CONNECT_TIMEOUT_S, Ollama, refuse_status, unreachable, words
from worker.stopwatch import CLIENT, StampingAdapter, Stopwatch, lines

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

CACHED = "prompt_eval_cached_count"

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


@dataclass(frozen=True)
class ServerReport:
    """The fields of the last line: counts of tokens, durations in nanoseconds. An absent field is 0, except that the
    count of cached tokens is unknown (None) to servers that do not report it.
    """

    total_ns: int
    load_ns: int
    prompt_tokens: int
    cached_tokens: int | None
    prompt_ns: int
    output_tokens: int
    output_ns: int

    @classmethod
    def from_line(cls, line: Json) -> "ServerReport":
        """Raises ValueError for fields that are no counts."""
        return cls(
            total_ns=_count(line, "total_duration"),
            load_ns=_count(line, "load_duration"),
            prompt_tokens=_count(line, "prompt_eval_count"),
            cached_tokens=None if line.get(CACHED) is None else _count(line, CACHED),
            prompt_ns=_count(line, "prompt_eval_duration"),
            output_tokens=_count(line, "eval_count"),
            output_ns=_count(line, "eval_duration"),
        )


def _count(line: Json, name: str) -> int:
    value = line.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} is {value!r}")
    return value


@dataclass(frozen=True)
class Generation:
    """One answer. `content_ns` are the arrivals of the chunks with content, of which the first `thought` held thinking,
    `done_ns` that of the last line, all in nanoseconds since the request was sent. `clock` and `jump_ns` are the
    stopwatch's, `sent_ns` is when the request was sent, on CLOCK_REALTIME. `text` is what was written.
    """

    content_ns: tuple[int, ...]
    done_ns: int
    done_reason: str
    server: ServerReport
    clock: str = CLIENT
    jump_ns: int = 0
    thought: int = 0
    text: str = ""
    sent_ns: int = 0


@dataclass(frozen=True)
class Embeddings:
    """What /api/embed answered: so many vectors. The stamp of `answer` is the last byte's; its server's report holds
    `total_ns`, `load_ns` and `prompt_tokens`, and nothing of the rest.
    """

    count: int
    answer: Generation


class Driver:
    """Makes the models of one server work. Every method raises an OllamaError where the server fails."""

    def __init__(self, server: Ollama) -> None:
        self.server = server
        self.http = requests.Session()
        self.http.trust_env = False  # as the server's own
        self.http.mount("http://", StampingAdapter())

    def generate(self, request: Request) -> Generation:
        """Run a request and time its stream. Closing it early, as any error does, makes the server stop.

        The stream is parsed once it has ended, so that parsing delays no stamp.
        """
        try:
            stopwatch, arrivals = self._stream(request.body())
            generation = read_stream(lines(arrivals))
        except requests.exceptions.ChunkedEncodingError as error:
            raise OllamaBroke("the stream was cut before its end; did the server or its runner die?") from error
        except ValueError as error:
            raise OllamaBroke(f"the stream holds what is no answer: {error}") from error
        except requests.RequestException as error:
            raise unreachable(self.server.url, error) from error
        return replace(generation, clock=stopwatch.clock, jump_ns=stopwatch.jump_ns, sent_ns=stopwatch.sent_ns)

    def embed(self, model: str, inputs: Sequence[str], context_length: int) -> Embeddings:
        """Have the inputs embedded by one request. One that the context does not hold is refused, not cut."""
        options = {"num_ctx": context_length}
        body = {"model": model, "input": list(inputs), "truncate": False, "keep_alive": KEEP_ALIVE, "options": options}
        with self._understanding():
            stopwatch, arrivals = self._stream(body, "/api/embed")
            found = read_embeddings(arrivals)
        answer = replace(found.answer, clock=stopwatch.clock, jump_ns=stopwatch.jump_ns, sent_ns=stopwatch.sent_ns)
        return replace(found, answer=answer)

    @contextmanager
    def _understanding(self) -> Iterator[None]:
        try:
            yield
        except requests.exceptions.ChunkedEncodingError as error:
            raise OllamaBroke("the answer was cut before its end; did the server or its runner die?") from error
        except ValueError as error:
            raise OllamaBroke(f"what came is no answer: {error}") from error
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


def read_stream(stamped_lines: Iterable[tuple[int, bytes]]) -> Generation:
    """The generation that the stamped lines of an answer describe.

    Raises:
        OllamaBroke: for an error line, and for a stream that ends without its last line.
        ValueError: for a line that is no JSON object, and for fields that are no counts.
    """
    content, texts = [], []
    for stamp, text in stamped_lines:
        line = _object(text)
        if line.get("response") or line.get("thinking"):
            content.append(stamp)
            texts.append(str(line.get("response") or ""))
        if line.get("done"):
            reason, report = words(line.get("done_reason", "")), ServerReport.from_line(line)
            thought = len(list(takewhile(lambda said: not said, texts)))
            return Generation(tuple(content), stamp, reason, report, thought=thought, text="".join(texts))
    raise OllamaBroke("the stream ended without its last line; a model that repeats itself is cut so")


def read_embeddings(arrivals: Sequence[tuple[int, bytes]]) -> Embeddings:
    """Raises ValueError for what is no answer of /api/embed, and OllamaBroke for an error in its place."""
    line = _object(b"".join(piece for _, piece in arrivals))
    vectors, stamp = line.get("embeddings"), arrivals[-1][0]
    if not isinstance(vectors, list):
        raise ValueError("it holds no embeddings")  # noqa: TRY004 - a wrong value, not a wrong call
    return Embeddings(len(vectors), Generation((stamp,), stamp, "", ServerReport.from_line(line)))


def _object(text: bytes) -> Json:
    line = json.loads(text)
    if not isinstance(line, dict):
        raise ValueError(f"{text[:80]!r} is no object")  # noqa: TRY004 - a wrong value, not a wrong call
    if "error" in line:
        raise OllamaBroke(f"the server ended the stream with: {words(line['error'])}")
    return line
