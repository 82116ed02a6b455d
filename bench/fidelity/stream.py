"""One connection to the reference server: the bytes of its requests and answers."""

import json
import socket
from dataclasses import dataclass, field

from bench.fidelity import arrival_stamps

OPENAI = b"/v1/completions"
OLLAMA = b"/api/generate"
MODEL = "reference"

Json = dict[str, object]


@dataclass
class Stream:
    """One connection. `request` holds what has arrived of the current request. `name` is the answer's in the log.

    `arrived_ns` is when the request's last byte arrived, and `writes_ns` when each token was written.
    """

    connection: socket.socket
    request: bytearray = field(default_factory=bytearray)
    name: str = ""
    tokens: int = 0
    openai: bool = False
    token: bytes = b""
    arrived_ns: int = 0
    writes_ns: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        arrival_stamps.enable(self.connection)

    def read(self) -> bool:
        """Read what has arrived. Return False if the connection is closed."""
        try:
            data, self.arrived_ns = arrival_stamps.receive(self.connection)
        except OSError:
            return False
        self.request += data
        return bool(data)

    def is_complete(self) -> bool:
        head, separator, body = bytes(self.request).partition(b"\r\n\r\n")
        return bool(separator) and len(body) >= int(_header(head, b"content-length") or 0)

    def begin(self, head: bytes, asked: Json) -> None:
        """Send the head of an answer. Its name is the request's X-Request-ID, or else its prompt."""
        self.openai = head.startswith(b"POST " + OPENAI)
        self.name = _header(head, b"x-request-id").decode() or str(asked["prompt"])
        self.tokens = _tokens(asked)
        self.writes_ns = []
        self.token = _openai_chunk("word ") if self.openai else _line({"response": "word ", "done": False})
        kind = b"text/event-stream" if self.openai else b"application/x-ndjson"
        self._send(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n" % kind)

    def send_token(self) -> None:
        self._send_chunk(self.token)

    def send_end(self) -> None:
        self._send_chunk(_openai_end(self.tokens) if self.openai else self._ollama_end())
        self._send(b"0\r\n\r\n")

    def send_health(self) -> None:
        text = json.dumps({"status": "ok", "object": "list", "data": [{"id": MODEL, "object": "model"}]})
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text)
        self._send(head + text.encode())

    def _ollama_end(self) -> bytes:
        durations = {
            "eval_duration": self.writes_ns[-1] - self.writes_ns[0],
            "eval_count": self.tokens,
            "prompt_eval_count": 10,
            "prompt_eval_duration": self.writes_ns[0] - self.arrived_ns,
            "load_duration": 0,
            "total_duration": self.writes_ns[-1] - self.arrived_ns,
        }
        return _line({"response": "", "done": True, "done_reason": "length", **durations})

    def _send_chunk(self, payload: bytes) -> None:
        self._send(b"%x\r\n%s\r\n" % (len(payload), payload))

    def _send(self, data: bytes) -> None:
        self.connection.sendall(data)


def _header(head: bytes, name: bytes) -> bytes:
    """Return a header's value, empty if there is none."""
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    return next((value.strip() for key, _, value in lines if key.lower() == name), b"")


def _tokens(asked: Json) -> int:
    """Return how many tokens are asked for, by Ollama's field or OpenAI's."""
    options = asked.get("options")
    return int(str(options["num_predict"] if isinstance(options, dict) else asked["max_tokens"]))


def _line(fields: Json) -> bytes:
    return json.dumps({"model": MODEL, **fields}).encode() + b"\n"


def _openai_chunk(text: str, finish: str | None = None, usage: dict[str, int] | None = None) -> bytes:
    choice = {"index": 0, "text": text, "finish_reason": finish}
    chunk = {"id": "1", "object": "text_completion", "created": 1, "model": MODEL, "choices": [choice]}
    return f"data: {json.dumps(chunk | ({'usage': usage} if usage else {}))}\n\n".encode()


def _openai_end(tokens: int) -> bytes:
    usage = {"prompt_tokens": 10, "completion_tokens": tokens, "total_tokens": 10 + tokens}
    return _openai_chunk("", "length", usage) + b"data: [DONE]\n\n"
