"""The routes of the double."""

import contextlib
import json
import time
from datetime import UTC, datetime
from http import HTTPStatus

from common.values.free_json import Json
from common.values.units import model_name
from testbed.ollama_double.framing import JSON, ClientLeft, Framing
from testbed.ollama_double.recorded_request import RecordedRequest
from testbed.ollama_double.scripts import Script
from testbed.ollama_double.simulation import Simulation
from testbed.ollama_double.stream import Stream, now


class Handler(Framing):
    """The routes. Answers to generate are streamed by `Stream`."""

    @property
    def double(self) -> Simulation:
        return self.server.simulation

    def do_GET(self) -> None:  # noqa: N802 - the standard library's name
        double = self.double
        if self.path == "/api/version":
            self._answer({"version": double.version}, double.next_script(self.path))
        elif self.path == "/api/tags":
            modified = {"modified_at": "2026-03-01T12:00:00.123456789Z"}
            listed = [double.entry(model) | modified for model in double.models]
            self._answer({"models": double.listed(listed)}, double.next_script(self.path))
        elif self.path == "/api/ps":
            listed = [self._loaded(model) for model in list(double.loaded)]
            self._answer({"models": double.listed_loaded(listed)}, double.next_script(self.path))
        else:
            self.send(b"404 page not found", HTTPStatus.NOT_FOUND, "text/plain")

    def do_DELETE(self) -> None:  # noqa: N802 - the standard library's name
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.double.delete(self.double.full_name(body["model"]) or "")
        self.send(b"", HTTPStatus.OK, JSON)

    def do_POST(self) -> None:  # noqa: N802 - the standard library's name
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(text)
        except ValueError as error:
            self.json({"error": str(error)}, HTTPStatus.BAD_REQUEST)
            return
        model = self.double.full_name(body.get("from") or body.get("source") or body.get("model", ""))
        if model is None:
            self.json({"error": self._missing(body.get("model"))}, HTTPStatus.NOT_FOUND)
        elif self.path == "/api/copy":
            self.double.copy(model, model_name(body["destination"]))
            self.send(b"", HTTPStatus.OK, JSON)
        elif self.path == "/api/create":
            self.double.create(model, model_name(body["model"]))
            self.json({"status": "success"})
        elif self.path == "/api/show":
            self._answer(self._shown(model), self.double.next_script(self.path))
        elif body.get("think") and "thinking" not in self.double.capabilities:
            self.json({"error": f"{model} does not support thinking"}, HTTPStatus.BAD_REQUEST)
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
        """Send the whole answer at once, or do what the script says instead."""
        if script.status != HTTPStatus.OK:
            self.json({"error": script.error}, script.status)
        elif script.at is None and not self.misbehave(script):
            return
        elif script.at is None or (script.then == b"" and script.content_type is None):
            self.json(body)
        else:
            self.begin(script.content_type or JSON)
            if self.misbehave(script):
                self.end()

    def _shown(self, model: str) -> Json:
        info = {"general.architecture": "llama", "llama.context_length": self.double.context_length}
        layers = {} if self.double.layers is None else {"llama.block_count": self.double.layers}
        attention = {f"llama.attention.{name}": value for name, value in self.double.attention.items()}
        return {
            "model_info": info | layers | attention,
            "capabilities": self.double.capabilities,
            "template": "{{ .Prompt }}",
            "modelfile": f"# Modelfile\nFROM {self.double.path(model)}\nTEMPLATE {{{{ .Prompt }}}}\n",
        }

    def _loaded(self, model: str) -> Json:
        entry = self.double.entry(model)
        entry["digest"] = self.double.loaded_digests.get(model, entry["digest"])
        expires = datetime.now(UTC).isoformat()
        return entry | {"expires_at": expires, "size_vram": int(entry["size"] * self.double.vram_share(model))}

    def _load_or_unload(self, model: str, body: Json) -> None:
        if body.get("keep_alive") == 0:
            self.double.unload(model)
        else:
            self.double.load(model, body.get("options", {}))
        reason = "unload" if body.get("keep_alive") == 0 else "load"
        self.json({"model": body["model"], "created_at": now(), "response": "", "done": True, "done_reason": reason})

    def _embed(self, model: str, body: Json, request: RecordedRequest) -> None:
        """Embed the inputs one by one, each in the time of a token. Durations and counts are those of Ollama."""
        script, double, inputs = request.script, self.double, body["input"]
        counts = [double.tokens(text) for text in inputs]
        context_length = body.get("options", {}).get("num_ctx", 4096)
        if max(counts) > context_length and body.get("truncate") is False:
            self.json({"error": "input length exceeds maximum context length"}, HTTPStatus.BAD_REQUEST)
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
        script = request.script
        if script.status != HTTPStatus.OK:
            self.json({"error": script.error}, script.status)
        elif body.get("options", {}).get("num_gpu") and not self.double.gpu:  # as a build without GPU support
            self.json({"error": "llama runner process has terminated"}, HTTPStatus.INTERNAL_SERVER_ERROR)
        else:
            Stream(self, self.double, script, model, body, request.started_ns).run()
