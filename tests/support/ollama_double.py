"""A scriptable Ollama: a real HTTP server whose timing is known and whose faults are ordered.

It tells what a real one tells (tests/worker/test_contract.py runs on both), generates words at a steady pace, and
counts what it was asked. Faults are `Script`s: each request to generate takes the next one, and answers well without.
"""

import contextlib
import hashlib
import json
import re
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

Json = dict[str, Any]

MS = 1_000_000
FOREVER_S = 3600
POLL_S = 0.01
GARBAGE = b"<html>this is no line of ours</html>\n"


@dataclass(frozen=True)
class Timing:
    """In milliseconds. The first token comes `first` after the model is there and a slot is free, and `read` later for
    each token of the prompt that no earlier prompt began with; then one each `each`.
    """

    load: float = 5
    first: float = 2
    read: float = 0
    each: float = 0.2
    unload: float = 5


@dataclass(frozen=True)
class Script:
    """How one request to generate is answered; as it stands, well.

    A `status` other than 200 is all there is to the answer. Otherwise, after `at` tokens, `then` happens: the stream
    ends without its last line, the connection is cut, nothing more comes until `release`, a line grows without end, or
    the given bytes come in between. Where `at` is None, the connection is cut, or hangs, before the first byte. `last`
    changes fields of the last line; None takes one away. `words` is how each word is written, from its number.
    """

    status: int = 200
    error: str = "something broke"
    at: int | None = 0
    then: Literal["end", "cut", "hang", "endless"] | bytes = b""
    last: Json = field(default_factory=dict)
    words: str = " w{}"
    content_type: str = "application/x-ndjson"


def error_line(message: str) -> bytes:
    """What a server sends when it fails after its answer has begun under status 200."""
    return json.dumps({"error": message}).encode() + b"\n"


@dataclass
class Seen:
    """A request to generate as it went; times in nanoseconds of the monotonic clock. `done` is whether it was answered
    to its end, as far as its script goes; one that the client left has ended without.
    """

    model: str
    prompt: str
    options: Json
    warm: bool
    started_ns: int
    think: bool = False
    ended_ns: int | None = None
    done: bool = False


def words_and_digits(prompt: str) -> int:
    """A tokeniser: a start token, then one for each word, digit and sign."""
    return 1 + len(re.findall(r"\d|[^\W\d]+|[^\w\s]", prompt))


class OllamaDouble:
    """The server, while used as a context. What is asked of it stands in `seen`, oldest first."""

    def __init__(
        self,
        *models: str,
        timing: Timing | None = None,
        tokens: Callable[[str], int] = words_and_digits,
        context_length: int = 8192,
        slots: int = 1000,
    ) -> None:
        self.models = models or ("tiny:latest",)
        self.timing = timing or Timing()
        self.tokens = tokens
        self.context_length = context_length
        self.slots = threading.BoundedSemaphore(slots)
        self.version: object = "0.9.3"
        self.path = "/nowhere/blobs/sha256-0"
        self.capabilities = ["completion"]
        self.thoughts = 0  # how many of the first tokens are thinking, where a request asks for it
        self.layers: int | None = None
        self.gpu = False  # whether there is one
        self.auto_layers: int | None = None  # put there where a request says nothing; None is all
        self.size_vram_share = 0.0  # of a model whose layers are not placed
        self.most_loaded: int | None = None  # how many models fit into memory
        self.last: Json = {}  # as a script's, in every answer
        self.last_of: Callable[[Json], Json] = lambda _: {}  # the same, by the body of the request
        self.loaded: dict[str, int] = {}
        self.on_gpu: dict[str, int] = {}  # layers that a request has placed
        self.scripts: deque[Script] = deque()
        self.seen: list[Seen] = []
        self.unloads: list[int] = []  # how many requests had been seen when a model was told to leave
        self.most_at_once = 0
        self.lock = threading.Lock()
        self.released = threading.Event()
        self._running = 0
        self._server = _Server(self)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def order(self, *scripts: Script) -> None:
        """Answer the next requests to generate so, one each."""
        self.scripts.extend(scripts)

    def release(self) -> None:
        """Let all that hangs go on to its end."""
        self.released.set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": POLL_S}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def next_script(self) -> Script:
        with self.lock:
            return self.scripts.popleft() if self.scripts else Script()

    def full_name(self, name: str) -> str | None:
        """The model's name as it is listed, or None where there is none."""
        full = name if ":" in name else f"{name}:latest"
        return full if full in self.models else None

    def load(self, model: str, options: Json) -> None:
        """Return at once where the model is there as the options want it, else after the time that loading takes."""
        context_length, layers = options.get("num_ctx", 4096), options.get("num_gpu", self.on_gpu.get(model))
        if (self.loaded.get(model), self.on_gpu.get(model)) == (context_length, layers):
            return
        self._make_room(model)
        time.sleep(self.timing.load / 1000)
        self.loaded[model] = context_length
        if layers is not None:
            self.on_gpu[model] = layers

    def _make_room(self, model: str) -> None:
        """Put the models out that have been there longest."""
        others = [name for name in self.loaded if name != model]
        if self.most_loaded is not None:
            for name in others[: max(0, len(others) + 1 - self.most_loaded)]:
                self._forget(name)

    def vram_share(self, model: str) -> float:
        """Which share of a loaded model is on the GPU. Its output counts as a layer."""
        if self.layers is None or not self.gpu:
            return self.size_vram_share
        whole = self.layers + 1
        usual = whole if self.auto_layers is None else self.auto_layers
        return min(whole, self.on_gpu.get(model, usual)) / whole

    def unload(self, model: str) -> None:
        """As the real one: answered at once, done a little later."""
        self.unloads.append(len(self.seen))
        threading.Timer(self.timing.unload / 1000, self._forget, (model,)).start()

    def _forget(self, model: str) -> None:
        self.loaded.pop(model, None)
        self.on_gpu.pop(model, None)

    @contextlib.contextmanager
    def request(self, model: str, body: Json) -> Iterator[Seen]:
        prompt = "\n".join(body["input"]) if "input" in body else body["prompt"]
        think = bool(body.get("think"))
        seen = Seen(model, prompt, body.get("options", {}), model in self.loaded, time.monotonic_ns(), think)
        with self.lock:
            self.seen.append(seen)
            self._running += 1
            self.most_at_once = max(self.most_at_once, self._running)
        try:
            yield seen
        finally:
            seen.ended_ns = time.monotonic_ns()
            with self.lock:
                self._running -= 1

    def unknown_tokens(self, prompt: str) -> int:
        """The tokens of a prompt beyond what it shares with any other so far, from its beginning."""
        known = max((_shared(prompt, seen.prompt) for seen in self.seen if seen.done), default=0)
        return max(0, self.tokens(prompt) - self.tokens(prompt[:known]))

    def entry(self, model: str) -> Json:
        details = {
            "parent_model": "",
            "format": "gguf",
            "family": "llama",
            "families": ["llama"],
            "parameter_size": "3.49M",
            "quantization_level": "F16",
        }
        digest = hashlib.sha256(model.encode()).hexdigest()
        return {"name": model, "model": model, "size": 7_077_287, "digest": digest, "details": details}


def _shared(one: str, other: str) -> int:
    """How many signs two texts have in common from their beginning."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, double: OllamaDouble) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.double = double


class _Left(Exception):
    """The client has gone."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def double(self) -> OllamaDouble:
        return self.server.double

    def log_message(self, *_: object) -> None:
        """Nothing: what was asked stands in `seen`."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # a client that has gone
            super().handle()

    def do_GET(self) -> None:
        double = self.double
        if self.path == "/api/version":
            self._json({"version": double.version})
        elif self.path == "/api/tags":
            modified = {"modified_at": "2026-03-01T12:00:00.123456789Z"}
            self._json({"models": [double.entry(model) | modified for model in double.models]})
        elif self.path == "/api/ps":
            self._json({"models": [self._loaded(model) for model in list(double.loaded)]})
        else:
            self._json({"error": "not found"}, HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(text)
        except ValueError as error:
            self._json({"error": str(error)}, HTTPStatus.BAD_REQUEST)
            return
        model = self.double.full_name(body.get("model", ""))
        if model is None:
            self._json({"error": f"model '{body.get('model')}' not found"}, HTTPStatus.NOT_FOUND)
        elif self.path == "/api/show":
            self._json(self._shown())
        elif body.get("think") and "thinking" not in self.double.capabilities:
            self._json({"error": f"{model} does not support thinking"}, HTTPStatus.BAD_REQUEST)
        elif self.path == "/api/embed":
            with self.double.request(model, body) as seen:
                self._embed(model, body, seen)
                seen.done = True
        elif not body.get("prompt"):
            self._load_or_unload(model, body)
        else:
            with self.double.request(model, body) as seen, contextlib.suppress(_Left):
                self._generate(model, body, seen)
                seen.done = True

    def _json(self, body: Json, status: int = HTTPStatus.OK) -> None:
        self._send(json.dumps(body).encode(), status, "application/json; charset=utf-8")

    def _send(self, content: bytes, status: int, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _shown(self) -> Json:
        info = {"general.architecture": "llama", "llama.context_length": self.double.context_length}
        layers = {} if self.double.layers is None else {"llama.block_count": self.double.layers}
        return {
            "model_info": info | layers,
            "capabilities": self.double.capabilities,
            "template": "{{ .Prompt }}",
            "modelfile": f"# Modelfile\nFROM {self.double.path}\nTEMPLATE {{{{ .Prompt }}}}\n",
        }

    def _loaded(self, model: str) -> Json:
        entry = self.double.entry(model)
        expires = datetime.now(UTC).isoformat()
        return entry | {"expires_at": expires, "size_vram": int(entry["size"] * self.double.vram_share(model))}

    def _load_or_unload(self, model: str, body: Json) -> None:
        if body.get("keep_alive") == 0:
            self.double.unload(model)
        else:
            self.double.load(model, body.get("options", {}))
        reason = "unload" if body.get("keep_alive") == 0 else "load"
        self._json({"model": body["model"], "created_at": _now(), "response": "", "done": True, "done_reason": reason})

    def _embed(self, model: str, body: Json, seen: Seen) -> None:
        """One input after the other, each as long as a token takes. Durations and counts are as the real one's."""
        script, double, inputs = self.double.next_script(), self.double, body["input"]
        counts = [double.tokens(text) for text in inputs]
        context_length = body.get("options", {}).get("num_ctx", 4096)
        if script.status != HTTPStatus.OK:
            self._json({"error": script.error}, script.status)
            return
        if script.at is None:
            self.cut()
            return
        if max(counts) > context_length and body.get("truncate") is False:
            self._json({"error": "input length exceeds maximum context length"}, HTTPStatus.BAD_REQUEST)
            return
        double.load(model, body.get("options", {}))
        loaded = time.monotonic_ns()
        time.sleep((double.timing.first + double.timing.each * len(inputs)) / 1000)
        line = {
            "model": body["model"],
            "embeddings": [[0.1, 0.2, 0.3]] * len(inputs),
            "total_duration": time.monotonic_ns() - seen.started_ns,
            "load_duration": loaded - seen.started_ns,
            "prompt_eval_count": sum(counts),
        }
        line |= script.last
        self._json({name: value for name, value in line.items() if value is not None})

    # Generating

    def _generate(self, model: str, body: Json, seen: Seen) -> None:
        script = self.double.next_script()
        if script.status != HTTPStatus.OK:
            self._json({"error": script.error}, script.status)
        elif body.get("options", {}).get("num_gpu") and not self.double.gpu:  # an old build for processors alone
            self._json({"error": "llama runner process has terminated"}, HTTPStatus.INTERNAL_SERVER_ERROR)
        else:
            _Stream(self, self.double, script, model, body, seen.started_ns).run()

    def cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


@dataclass
class _Stream:
    """One answer. Tokens come at times fixed beforehand, so that a late one does not put off the next."""

    handler: _Handler
    double: OllamaDouble
    script: Script
    model: str
    body: Json
    started_ns: int

    def run(self) -> None:
        options = self.body.get("options", {})
        self.double.load(self.model, options)
        loaded = time.monotonic_ns()
        if self.script.at is None and not self._misbehave():
            return
        with self.double.slots:
            self._answer(options, loaded)

    def _answer(self, options: Json, loaded: int) -> None:
        slot = time.monotonic_ns()
        first = self.double.timing.first + self.double.timing.read * self.double.unknown_tokens(self.body["prompt"])
        self._begin()
        sampled: list[int] = []
        for number in range(options.get("num_predict", 16)):
            if number == self.script.at and not self._misbehave():
                return
            self._wait_until(slot + int((first + number * self.double.timing.each) * MS))
            sampled.append(time.monotonic_ns())
            self._line({**self._word(number), "done": False})
        if len(sampled) == self.script.at and not self._misbehave():
            return
        self._line(self._last_line(loaded, slot, sampled))
        self._end()

    def _word(self, number: int) -> Json:
        if self.body.get("think") and number < self.double.thoughts:
            return {"response": "", "thinking": f" t{number}"}
        return {"response": self.script.words.format(number)}

    def _misbehave(self) -> bool:
        """Do what the script says; returns whether the stream goes on."""
        then = self.script.then
        if isinstance(then, bytes):
            if then:
                self._chunk(then)
            return True
        if then == "hang":
            self._hang()
            return True
        if then == "endless":
            while True:
                self._chunk(b"x" * 65_536)
        if then == "end":
            self._end()
        else:
            self.handler.cut()
        return False

    def _hang(self) -> None:
        while not self.double.released.wait(POLL_S):
            readable, _, _ = select.select([self.handler.connection], [], [], 0)
            if readable and not self.handler.connection.recv(1, socket.MSG_PEEK):
                raise _Left

    def _wait_until(self, moment_ns: int) -> None:
        time.sleep(max(0, moment_ns - time.monotonic_ns()) / 1e9)

    def _last_line(self, loaded_ns: int, slot_ns: int, sampled_ns: list[int]) -> Json:
        line = {
            "response": "",
            "done": True,
            "done_reason": "length",
            "load_duration": loaded_ns - self.started_ns,
            "prompt_eval_count": self.double.tokens(self.body["prompt"]),
            "prompt_eval_duration": sampled_ns[0] - slot_ns,
            "eval_count": len(sampled_ns),
            "eval_duration": max(1, sampled_ns[-1] - sampled_ns[0]),
            "total_duration": time.monotonic_ns() - self.started_ns,
        }
        line |= self.double.last | self.double.last_of(self.body) | self.script.last
        return {name: value for name, value in line.items() if value is not None}

    def _begin(self) -> None:
        self.handler.send_response(HTTPStatus.OK)
        self.handler.send_header("Content-Type", self.script.content_type)
        self.handler.send_header("Transfer-Encoding", "chunked")
        self.handler.end_headers()

    def _line(self, line: Json) -> None:
        self._chunk(json.dumps({"model": self.body["model"], "created_at": _now(), **line}).encode() + b"\n")

    def _chunk(self, content: bytes) -> None:
        try:
            self.handler.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        except ConnectionError as error:
            self.handler.close_connection = True
            raise _Left from error

    def _end(self) -> None:
        self.handler.wfile.write(b"0\r\n\r\n")


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
