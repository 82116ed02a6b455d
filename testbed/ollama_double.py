"""A scriptable Ollama: a real HTTP server whose timing is known and whose faults are ordered.

It says what a real one says (test_contract.py runs on both), generates words at a steady pace, and counts what it was
asked. Faults are `Script`s: each request to generate takes the next one, and answers well without.
"""

import contextlib
import hashlib
import json
import re
import select
import socket
import ssl
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, NoReturn, Self

from common.free_json import Json

MS = 1_000_000
FOREVER_S = 3600
POLL_S = 0.01
GARBAGE = b"<html>this is no line of ours</html>\n"
JSON, LINES = "application/json; charset=utf-8", "application/x-ndjson"
TOKENS = b'{"response":" w","done":false}\n' * 2000
GIGABYTE = 1 << 30
FLOODS = {
    "endless": b"10000\r\n" + b"x" * 65_536 + b"\r\n",
    "tokens": b"%x\r\n%s\r\n" % (len(TOKENS), TOKENS),
    "specks": b"1\r\nx\r\n" * 10_000,
}


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
    """How one request is answered; as it stands, well.

    A `status` other than 200 is all there is to the answer. Otherwise, after `at` tokens, or in the place of an answer
    that is no stream, `then` happens: the stream ends without its last line, the connection is cut, nothing more comes
    until `release`, blanks come one by one until then, a line grows without end, tokens, or pieces of a byte, come
    without end, a piece of a gigabyte is begun, or the given bytes come in between. Where `at` is None, it happens
    before the first byte. `last` changes fields of the last line; None takes one away. `words` is how each word is
    written, from its number.
    """

    status: int = 200
    error: str = "something broke"
    at: int | None = 0
    then: Literal["end", "cut", "hang", "trickle", "endless", "tokens", "specks", "gigabyte"] | bytes = b""
    last: Json = field(default_factory=dict)
    words: str = " w{}"
    content_type: str | None = None  # the real one's


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
        certificate: Path | None = None,
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
        self.questions: defaultdict[str, deque[Script]] = defaultdict(deque)  # what is ordered for other paths
        self.seen: list[Seen] = []
        self.unloads: list[int] = []  # how many requests had been seen when a model was told to leave
        self.most_at_once = 0
        self.lock = threading.Lock()
        self.released = threading.Event()
        self._running = 0
        self._certificate = certificate
        self._server = _Server(self, 0, certificate)
        self._port = self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self._port}"

    def order(self, *scripts: Script, to: str | None = None) -> None:
        """Answer the next requests so, one each: those to generate or embed, or those to another path."""
        (self.scripts if to is None else self.questions[to]).extend(scripts)

    def release(self) -> None:
        """Let all that hangs go on to its end."""
        self.released.set()

    def __enter__(self) -> Self:
        self._serve()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self.stop()

    def _serve(self) -> None:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": POLL_S}, daemon=True).start()

    def stop(self) -> None:
        """As a kill would: connections are cut, new ones refused, and nothing is in memory any more."""
        self._server.shutdown()
        self._server.server_close()
        self._server.cut()
        self.loaded.clear()
        self.on_gpu.clear()

    def start(self) -> None:
        """Again, after a stop, at the same address."""
        self._server = _Server(self, self._port, self._certificate)
        self._serve()

    def delete(self, model: str) -> None:
        """As the real one: a model that is in memory stays there, and cannot even be told to go."""
        self.models = tuple(name for name in self.models if name != model)

    def next_script(self, path: str | None = None) -> Script:
        with self.lock:
            ordered = self.scripts if path is None else self.questions[path]
            return ordered.popleft() if ordered else Script()

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

    def __init__(self, double: OllamaDouble, port: int, certificate: Path | None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.double = double
        self._open: set[socket.socket] = set()
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def get_request(self) -> tuple[socket.socket, Any]:
        request, address = super().get_request()
        self._open.add(request)
        return request, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        for request in list(self._open):
            _shut(request)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


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
        with contextlib.suppress(ConnectionError, ssl.SSLError, _Left):  # a client that has gone
            super().handle()

    def do_GET(self) -> None:
        double = self.double
        if self.path == "/api/version":
            self._answer({"version": double.version}, double.next_script(self.path))
        elif self.path == "/api/tags":
            modified = {"modified_at": "2026-03-01T12:00:00.123456789Z"}
            listed = [double.entry(model) | modified for model in double.models]
            self._answer({"models": listed}, double.next_script(self.path))
        elif self.path == "/api/ps":
            listed = [self._loaded(model) for model in list(double.loaded)]
            self._answer({"models": listed}, double.next_script(self.path))
        else:
            self._send(b"404 page not found", HTTPStatus.NOT_FOUND, "text/plain")

    def do_DELETE(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.double.delete(self.double.full_name(body["model"]) or "")
        self._send(b"", HTTPStatus.OK, JSON)

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(text)
        except ValueError as error:
            self._json({"error": str(error)}, HTTPStatus.BAD_REQUEST)
            return
        model = self.double.full_name(body.get("model", ""))
        if model is None:
            self._json({"error": self._missing(body.get("model"))}, HTTPStatus.NOT_FOUND)
        elif self.path == "/api/show":
            self._answer(self._shown(), self.double.next_script(self.path))
        elif body.get("think") and "thinking" not in self.double.capabilities:
            self._json({"error": f"{model} does not support thinking"}, HTTPStatus.BAD_REQUEST)
        elif self.path == "/api/embed":
            with self.double.request(model, body) as seen, contextlib.suppress(_Left):
                self._embed(model, body, seen)
                seen.done = True
        elif not body.get("prompt"):
            self._load_or_unload(model, body)
        else:
            with self.double.request(model, body) as seen, contextlib.suppress(_Left):
                self._generate(model, body, seen)
                seen.done = True

    def _missing(self, model: object) -> str:
        if self.path == "/api/embed":
            return f'model "{model}" not found, try pulling it first'
        return f"model '{model}' not found"

    def _answer(self, body: Json, script: Script) -> None:
        """The whole in one, or what the script says in its place."""
        if script.status != HTTPStatus.OK:
            self._json({"error": script.error}, script.status)
        elif script.at is None and not self.misbehave(script):
            return
        elif script.at is None or (script.then == b"" and script.content_type is None):
            self._json(body)
        else:
            self.begin(script.content_type or JSON)
            if self.misbehave(script):
                self.end()

    def _json(self, body: Json, status: int = HTTPStatus.OK) -> None:
        self._send(json.dumps(body).encode(), status, JSON)

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
        self._answer({name: value for name, value in line.items() if value is not None}, script)

    # Generating

    def _generate(self, model: str, body: Json, seen: Seen) -> None:
        script = self.double.next_script()
        if script.status != HTTPStatus.OK:
            self._json({"error": script.error}, script.status)
        elif body.get("options", {}).get("num_gpu") and not self.double.gpu:  # an old build for processors alone
            self._json({"error": "llama runner process has terminated"}, HTTPStatus.INTERNAL_SERVER_ERROR)
        else:
            _Stream(self, self.double, script, model, body, seen.started_ns).run()

    # Framing, and what goes wrong with it

    def begin(self, content_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, content: bytes) -> None:
        self._write(b"%x\r\n%s\r\n" % (len(content), content))

    def _write(self, content: bytes) -> None:
        try:
            self.wfile.write(content)
        except (ConnectionError, ssl.SSLError) as error:
            self.close_connection = True
            raise _Left from error

    def end(self) -> None:
        self._write(b"0\r\n\r\n")

    def misbehave(self, script: Script) -> bool:
        """Do what the script says; returns whether the answer goes on."""
        match script.then:
            case bytes(content):
                return self._between(content, script)
            case "hang" | "trickle":
                self._hold_out(script)
                return True
            case "endless" | "tokens" | "specks" | "gigabyte":
                self._flood(script.then)
            case "end":
                self.end()
            case "cut":
                self._cut()
        return False

    def _between(self, content: bytes, script: Script) -> bool:
        if content and script.at is not None:
            self.chunk(content)
        elif content:
            self.close_connection = True
            self._write(content)
        return not content or script.at is not None

    def _cut(self) -> None:
        self.close_connection = True
        _shut(self.connection)

    def _hold_out(self, script: Script) -> None:
        """Of a head that comes byte by byte, one field never ends."""
        if script.then == "trickle" and script.at is None:
            self._write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.double.released.wait(POLL_S):
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1):
                raise _Left
            if script.then == "trickle" and script.at is None:
                self._write(b"x")
            elif script.then == "trickle":
                self.chunk(b" ")

    def _flood(self, kind: str) -> NoReturn:
        if kind == "gigabyte":
            self._write(b"%x\r\n" % GIGABYTE)
            while True:
                self._write(b"x" * 65_536)
        while True:
            self._write(FLOODS[kind])


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
        if self.script.at is None and not self.handler.misbehave(self.script):
            return
        with self.double.slots:
            self._answer(options, loaded)

    def _answer(self, options: Json, loaded: int) -> None:
        slot = time.monotonic_ns()
        first = self.double.timing.first + self.double.timing.read * self.double.unknown_tokens(self.body["prompt"])
        self.handler.begin(self.script.content_type or LINES)
        sampled: list[int] = []
        for number in range(options.get("num_predict", 16)):
            if number == self.script.at and not self.handler.misbehave(self.script):
                return
            self._wait_until(slot + int((first + number * self.double.timing.each) * MS))
            sampled.append(time.monotonic_ns())
            self._line({**self._word(number), "done": False})
        if len(sampled) == self.script.at and not self.handler.misbehave(self.script):
            return
        self._line(self._last_line(loaded, slot, sampled))
        self.handler.end()

    def _word(self, number: int) -> Json:
        if self.body.get("think") and number < self.double.thoughts:
            return {"response": "", "thinking": f" t{number}"}
        return {"response": self.script.words.format(number)}

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

    def _line(self, line: Json) -> None:
        text = json.dumps({"model": self.body["model"], "created_at": _now(), **line})
        self.handler.chunk(text.encode() + b"\n")


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
