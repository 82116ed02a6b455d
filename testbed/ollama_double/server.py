"""The HTTP server of the double and its routes."""

import contextlib
import json
import socket
import ssl
import time
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testbed.ollama_double.faults import ClientLeft, FaultyHandler, shut
from testbed.ollama_double.script import RecordedRequest, Script
from testbed.ollama_double.stream import AnswerStream, timestamp

if TYPE_CHECKING:
    from testbed.ollama_double.double import OllamaDouble

Json = dict[str, Any]

JSON = "application/json; charset=utf-8"


class DoubleServer(ThreadingHTTPServer):
    """The HTTP server, which can cut its connections."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, double: "OllamaDouble", port: int, certificate: Path | None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
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
        """Cut all open connections."""
        for request in list(self._open):
            shut(request)


class Handler(FaultyHandler, BaseHTTPRequestHandler):
    """The requests of one connection."""

    def log_message(self, *_: object) -> None:
        """Log nothing, because requests are recorded."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError, ClientLeft):  # a client that has gone
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
            with self.double.record(model, body) as request, contextlib.suppress(ClientLeft):
                self._embed(model, body, request)
                request.done = True
        elif not body.get("prompt"):
            self._load_or_unload(model, body)
        else:
            with self.double.record(model, body) as request, contextlib.suppress(ClientLeft):
                self._generate(model, body, request)
                request.done = True

    def _missing(self, model: object) -> str:
        if self.path == "/api/embed":
            return f'model "{model}" not found, try pulling it first'
        return f"model '{model}' not found"

    def _answer(self, body: Json, script: Script) -> None:
        """Answer in one piece, or as the script says."""
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
        self._json(
            {"model": body["model"], "created_at": timestamp(), "response": "", "done": True, "done_reason": reason}
        )

    def _embed(self, model: str, body: Json, request: RecordedRequest) -> None:
        """Embed one input after the other, each in the time of a token. Durations and counts are those of Ollama."""
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
            "total_duration": time.monotonic_ns() - request.started_ns,
            "load_duration": loaded - request.started_ns,
            "prompt_eval_count": sum(counts),
        }
        line |= script.last
        self._answer({name: value for name, value in line.items() if value is not None}, script)

    def _generate(self, model: str, body: Json, request: RecordedRequest) -> None:
        script = self.double.next_script()
        if script.status != HTTPStatus.OK:
            self._json({"error": script.error}, script.status)
        elif body.get("options", {}).get("num_gpu") and not self.double.gpu:  # as a build without GPU support
            self._json({"error": "llama runner process has terminated"}, HTTPStatus.INTERNAL_SERVER_ERROR)
        else:
            AnswerStream(self, self.double, script, model, body, request.started_ns).run()
