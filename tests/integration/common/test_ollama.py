"""Requests to a server that does not respond correctly. test_contract.py checks correct responses."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from structlog.testing import capture_logs

from common.errors import OllamaHTTPError, OllamaProtocolError, OllamaUnreachable
from common.ollama.client import Ollama
from common.ollama.replies import MAX_BODY_BYTES
from common.ollama.schemas import MAX_ENTRIES

REQUESTS: dict[str, Callable[[Ollama], object]] = {
    "version": Ollama.version,
    "models": Ollama.models,
    "loaded": Ollama.loaded,
    "facts": lambda server: server.facts("m"),
}


@contextmanager
def responding(content: bytes, status: int = 200, **headers: str) -> Iterator[Ollama]:
    """Run a server that gives every request the same response."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))  # an unread body would reset the connection
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *_: object) -> None:
            """Keep the log out of the tests' output."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Ollama(f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()


@pytest.fixture(params=REQUESTS)
def ask(request: pytest.FixtureRequest) -> Callable[[Ollama], object]:
    return REQUESTS[request.param]


def test_an_error_has_the_servers_reason(ask: Callable[[Ollama], object]) -> None:
    with responding(b'{"error": "out of order"}', 500) as server, pytest.raises(OllamaHTTPError) as refused:
        ask(server)
    assert str(refused.value) == f"Ollama at {server.url} answered 500: out of order. Its log has the cause."
    assert (refused.value.status, refused.value.retry_helps) == (500, True)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'"no"', b"null"])
def test_an_error_without_a_reason_has_its_status(ask: Callable[[Ollama], object], content: bytes) -> None:
    with responding(content, 404) as server, pytest.raises(OllamaHTTPError, match="answered 404: Not Found") as refused:
        ask(server)
    assert not refused.value.retry_helps


OWN = b'{"error": "busy"}'
PAGE = b"<html>"


@pytest.mark.parametrize(
    ("status", "content", "headers", "says", "retried"),
    [
        (
            401,
            PAGE,
            {},
            "A proxy at URL answered 401: Unauthorized. It needs a user and password. Write http://USER",
            False,
        ),
        (401, OWN, {"WWW-Authenticate": 'Bearer realm="x"'}, "does not accept a user and password", False),
        (407, PAGE, {}, "It needs a user and password", False),
        (403, b"", {}, "start it with OLLAMA_HOST=0.0.0.0, or let the proxy send `Host: localhost`", False),
        (400, PAGE, {}, "whether it needs https://", False),
        (413, PAGE, {}, "client_max_body_size", False),
        (418, PAGE, {}, "Check the URL and any proxy in between", False),
        (429, PAGE, {}, "A proxy at URL answered 429: Too Many Requests. It limits the rate", True),
        (500, PAGE, {}, "Its log, or that of a proxy in between, has the cause", True),
        (502, PAGE, {}, "A proxy at URL answered 502: Bad Gateway. Check that Ollama runs behind it", True),
        (503, PAGE, {}, "A proxy at URL answered 503: Service Unavailable. Check that Ollama runs behind", True),
        (503, OWN, {}, "Ollama at URL answered 503: busy. It is overloaded", True),
        (504, PAGE, {}, "A proxy at URL answered 504: Gateway Timeout. Ollama behind it did not answer in time", True),
        (524, b"", {}, "A proxy at URL answered 524", True),
        (301, b"", {"Location": "https://u:pw@h/api/version"}, "redirects to https://***@h. Write", False),
        (302, b"", {"Location": "/login?token=pw"}, "redirects to URL/login?***. Write", False),
        (304, b"", {}, "Check the URL and any proxy", False),
    ],
)
def test_each_status_has_advice(
    status: int, content: bytes, headers: dict[str, str], says: str, *, retried: bool
) -> None:
    with responding(content, status, **headers) as server, pytest.raises(OllamaHTTPError) as refused:
        server.version()
    message = str(refused.value)
    assert says in message.replace(server.url, "URL")
    assert (refused.value.retry_helps, "pw" in message) == (retried, False)
    assert "Its log has the cause" not in message


def test_a_refused_password_is_told_from_a_missing_one() -> None:
    with responding(b"", 401) as server, pytest.raises(OllamaHTTPError, match="It refuses the user and password in"):
        Ollama(server.url, authorization="Basic dTpw").version()


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xfe", b"[1]", b'"text"', b"null", b"7", b"[" * 50_000])
def test_a_response_other_than_an_object_is_refused(ask: Callable[[Ollama], object], content: bytes) -> None:
    with responding(content) as server, pytest.raises(OllamaProtocolError, match="sent an unexpected response"):
        ask(server)


WRONG = [
    ("version", {}),
    ("version", {"version": None}),
    ("version", {"version": 9}),
    ("models", {"models": "many"}),
    ("models", {"models": {"a": 1}}),
    ("loaded", {"models": 7}),
]


@pytest.mark.parametrize(("question", "answer"), WRONG)
def test_an_object_without_the_expected_fields_is_refused(question: str, answer: object) -> None:
    with (
        responding(json.dumps(answer).encode()) as server,
        pytest.raises(OllamaProtocolError, match=r"sent an unexpected response: (version is|.* is not a list)"),
    ):
        REQUESTS[question](server)


GOOD = {
    "name": "good:1",
    "digest": "0123456789abcdef",
    "size": 7,
    "size_vram": 5,
    "modified_at": "2026-03-01T12:00:00Z",
}
NUMBERS: list[object] = [-1, 1.5, float("nan"), float("inf"), 1 << 63, 10**400]
ODD: list[object] = [None, True, False, "", "7", *NUMBERS, [], {}, [7], "\x00", "\ud800"]
"""Values of fields. Each field takes some of them."""


def odd_entries() -> list[object]:
    """Return entries with each odd value in each field, without each field, and values that are no entry."""
    fields = [*GOOD, "details", "context_length", "expires_at", "remote_host"]
    wrong = [
        {**GOOD, "name": f"{field} {number}", field: value} for field in fields for number, value in enumerate(ODD)
    ]
    missing = [{name: value for name, value in GOOD.items() if name != field} for field in GOOD]
    return [*wrong, *missing, None, 7, "good:1", [], [GOOD]]


@pytest.mark.parametrize("question", ["models", "loaded"])
def test_an_odd_entry_hides_itself_alone(question: str) -> None:
    listed = json.dumps({"models": [*odd_entries(), GOOD]}).encode()
    with responding(listed) as server:
        found = server.models() if question == "models" else server.loaded()
    assert "good:1" in [model.name for model in found]
    for model in found:
        assert model.name.isprintable()
        assert model.size is None or (type(model.size) is int and model.size >= 0)


def test_odd_values_in_memory_are_unknown() -> None:
    odd = [
        {**GOOD, "name": "a", "size": None, "digest": None, "context_length": "many"},
        {**GOOD, "name": "b", "size": "7", "size_vram": True, "expires_at": 7},
        {**GOOD, "name": "c", "size_vram": 8},  # more than the whole
        {**GOOD, "name": "d", "size": -7, "expires_at": "rubbish"},
        {**GOOD, "name": None},
    ]
    with responding(json.dumps({"models": [*odd, GOOD, GOOD]}).encode()) as server:
        loaded = server.loaded()
    assert [(m.name, m.digest and m.digest[:1], m.size, m.size_vram, m.context_length, m.expires) for m in loaded] == [
        ("a", None, None, 5, None, None),
        ("b", "0", None, None, None, None),
        ("c", "0", 7, None, None, None),
        ("d", "0", None, 5, None, "rubbish"),
        ("good:1", "0", 7, 5, None, None),
    ]


def test_odd_details_of_a_model_are_left_out() -> None:
    details: dict[str, object] = {
        "a": [],
        "b": None,
        "c": {"family": 7, "parameter_size": "3B"},
        "d": "x",
    }
    listed = [{**GOOD, "name": name, "details": value} for name, value in details.items()]
    with responding(json.dumps({"models": [*listed, {**GOOD, "name": "a"}]}).encode()) as server:
        found = {model.name: model.details for model in server.models()}
    assert found == {"a": {}, "b": {}, "c": {"parameter_size": "3B"}, "d": {}}


@pytest.mark.parametrize("written", ["012a", "sha256:012a", "SHA256:012A"])
def test_a_digest_is_known_however_it_is_written(written: str) -> None:
    with responding(json.dumps({"models": [{**GOOD, "digest": written}]}).encode()) as server:
        assert (server.models()[0].digest, server.loaded()[0].digest) == ("012a", "012a")


def test_a_list_without_end_is_cut() -> None:
    listed = [{**GOOD, "name": f"m{number}"} for number in range(MAX_ENTRIES + 1)]
    with responding(json.dumps({"models": listed}).encode()) as server:
        assert len(server.models()) == MAX_ENTRIES


def test_an_error_under_status_200_is_an_error(ask: Callable[[Ollama], object]) -> None:
    with (
        responding(b'{"error": "no database"}') as server,
        pytest.raises(OllamaProtocolError, match=r"with an error: no database\."),
    ):
        ask(server)


def test_an_odd_reply_is_logged_once() -> None:
    listed = json.dumps({"models": [{**GOOD, "name": "odd", "size": "7"}]}).encode()
    with responding(listed) as server, capture_logs() as logged:
        for _ in range(3):
            server.models()
    assert [(line["url"], line["problem"]) for line in logged] == [(f"{server.url}/api/tags", "'odd': size is '7'")]


@pytest.mark.parametrize(
    ("info", "layers"),
    [
        ({"general.architecture": "x", "x.audio.block_count": 12, "x.block_count": 42}, 42),
        ({"general.architecture": "x", "x.audio.block_count": 12}, None),
        ({"general.architecture": "a.b", "a.b.block_count": 7, "b.block_count": 8, "a.block_count": 9}, 7),
        ({"general.architecture": "llama", "clip.vision.block_count": 24, "clip.block_count": 3}, None),
        ({"x.block_count": 42}, None),
        ({"general.architecture": None, "None.block_count": [], "x.block_count": 42}, None),
        ({"general.architecture": ["x"], "x.block_count": 42}, None),
        *[({"general.architecture": "x", "x.block_count": wrong}, None) for wrong in (*ODD, 0, 1 << 40)],
        *[(wrong, None) for wrong in (None, [1], 7, "x.block_count")],
    ],
)
def test_facts_are_those_of_the_models_own_architecture(info: object, layers: int | None) -> None:
    body = {"model_info": info, "capabilities": ["completion", 7, None], "modelfile": "FROM /a"}
    with responding(json.dumps(body).encode()) as server:
        facts = server.facts("m")
    assert (facts.layers, facts.files) == (layers, ("/a",))
    assert facts.capabilities == ("completion",)


@pytest.mark.parametrize("question", ["models", "loaded"])
@pytest.mark.parametrize("answer", [{"models": None}, {"models": []}, {}])
def test_no_models_give_an_empty_list(question: str, answer: object) -> None:
    with responding(json.dumps(answer).encode()) as server:
        assert REQUESTS[question](server) == []


def test_cloud_models_are_left_out() -> None:
    here = {"name": "a:1", "digest": "0123456789abcdef", "size": 7, "modified_at": "2026-03-01T12:00:00Z"}
    listed = {"models": [here, {**here, "name": "b:cloud", "remote_host": "https://ollama.com"}]}
    with responding(json.dumps(listed).encode()) as server:
        (model,) = server.models()
    assert (model.name, model.version, model.details) == ("a:1", "0123456789ab", {})


def test_a_context_length_missing_from_the_file_is_unknown() -> None:
    with responding(b'{"model_info": {"general.architecture": "llama"}}') as server:
        assert server.facts("m").context_length is None


def test_redirects_are_not_followed(ask: Callable[[Ollama], object]) -> None:
    with (
        responding(b'{"version": "1"}') as elsewhere,
        responding(b"", 302, Location=f"{elsewhere.url}/api/version") as server,
        pytest.raises(OllamaHTTPError, match="answered 302"),
    ):
        ask(server)


def test_a_silent_server_times_out(ask: Callable[[Ollama], object]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Ollama(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.1)
        with pytest.raises(OllamaUnreachable, match="did not answer in time"):
            ask(server)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"])
def test_a_server_that_trickles_times_out(ask: Callable[[Ollama], object], head: bytes) -> None:
    """No single byte is late, in the head or in the body, but the whole response takes too long."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_trickle, args=(listener, head), daemon=True).start()
        server = Ollama(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s=0.3)
        before = time.monotonic()
        with pytest.raises(OllamaUnreachable, match="did not answer in time"):
            ask(server)
        assert time.monotonic() - before >= 0.3


def _trickle(listener: socket.socket, head: bytes) -> None:
    peer, _ = listener.accept()
    with peer, contextlib.suppress(OSError):
        peer.sendall(head or b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            peer.sendall(b" ")
            time.sleep(0.02)


def test_a_response_above_the_limit_is_not_read_to_its_end(ask: Callable[[Ollama], object]) -> None:
    with (
        responding(b" " * (MAX_BODY_BYTES + 1)) as server,
        pytest.raises(OllamaProtocolError, match="it is longer than"),
    ):
        ask(server)
    with responding(b" " * (MAX_BODY_BYTES + 1), 500) as server, pytest.raises(OllamaHTTPError, match="500: Internal"):
        ask(server)


@pytest.mark.parametrize("name", ["Content-Type", "Content-Encoding"])
def test_a_response_of_another_content_type_is_refused(ask: Callable[[Ollama], object], name: str) -> None:
    with (
        responding(b'{"version": "1"}', 200, **{name: "x-else"}) as server,
        pytest.raises(OllamaProtocolError, match=r"is not an Ollama: content .*x-else\. Check the URL and any proxy"),
    ):
        ask(server)


def test_a_closed_port_is_unreachable(ask: Callable[[Ollama], object]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        server = Ollama(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(OllamaUnreachable, match=r"cannot be reached\. Check that it is running"):
            ask(server)
