"""Whom Gait asks: the addresses of the settings alone, and models by their names as data."""

import ast
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from common.environment.servers.addresses import ollama_host
from common.errors import OllamaHTTPError
from common.ollama.client import Ollama
from common.store.reads import sessions
from common.values.units import model_name
from testbed import ROOT
from testbed.ollama_double import OllamaDouble
from tests.integration.api.conftest import NewApp, body, new_app, ollama  # noqa: F401 - fixtures
from worker.ollama.client import Driver, Request

PRODUCT = ("api", "worker", "sampler", "scheduler", "common")
CLIENTS = {"requests", "urllib.request", "http.client", "httpx", "aiohttp", "urllib3", "ftplib", "smtplib"}
MAY_ASK = {
    "common/ollama/client.py",
    "common/ollama/transport.py",
    "worker/ollama/client.py",
    "worker/ollama/timing/socket.py",
    "scheduler/notifications/sending/webhook.py",
    "scheduler/notifications/sending/guarded_transport.py",
}
READS_ANSWERS = {
    "common/ollama/replies.py",
    "common/ollama/status.py",
    "worker/ollama/errors.py",
    "worker/ollama/timing/stopwatch.py",
}

REQUEST = Request("tiny:latest", "once upon a time", 16, 512)
WAYS: dict[str, Callable[[Ollama], object]] = {
    "version": lambda server: server.version(),
    "models": lambda server: server.models(),
    "loaded": lambda server: server.loaded(),
    "facts": lambda server: server.facts("tiny:latest"),
    "generate": lambda server: Driver(server).generate(REQUEST),
    "embed": lambda server: Driver(server).embed("tiny:latest", ["a"], 512),
    "unload": lambda server: Driver(server).unload("tiny:latest"),
    "is loaded": lambda server: Driver(server).is_loaded("tiny:latest"),
}
ODD_NAMES = [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "/etc/passwd",
    "http://127.0.0.1:1/api/tags",
    "$(id)",
    "a b;c|d&e",
    "-option",
    "<script>alert(1)</script>",
    "'; DROP TABLE session; --",
    "%s%n{0}",
    "größe-模型-🦙",
]


class Asked(list[str]):
    """Paths of requests, and their `headers`."""

    def __init__(self) -> None:
        super().__init__()
        self.headers: list[Message] = []


@contextmanager
def answering(status: int, **headers: str) -> Iterator[tuple[str, Asked]]:
    """Yield the URL of a server that answers everything so, and the paths that it was asked for."""
    asked = Asked()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            asked.headers.append(self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *_: object) -> None:
            """Not into the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_two_modules_alone_ask_others() -> None:
    paths = [path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py")]
    found = {
        str(path.relative_to(ROOT))
        for path in paths
        for name in imported(path)
        if any(name == client or name.startswith(f"{client}.") for client in CLIENTS) and name != "urllib3.exceptions"
    }
    assert found == MAY_ASK | READS_ANSWERS


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("way", WAYS)
def test_redirects_are_not_followed(way: str, status: int) -> None:
    with (
        answering(200) as (elsewhere, asked_elsewhere),
        answering(status, Location=f"{elsewhere}/api/version") as (url, asked),
        pytest.raises(OllamaHTTPError, match=f"answered {status}"),
    ):
        WAYS[way](Ollama(url))
    assert len(asked) == 1
    assert asked_elsewhere == []


@pytest.mark.parametrize("way", WAYS)
def test_proxies_and_passwords_of_the_environment_are_not_used(
    way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with answering(418) as (proxy, asked_proxy), answering(418) as (url, asked):
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        (tmp_path / "netrc").write_text("default login someone password secret\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        with pytest.raises(OllamaHTTPError, match="answered 418"):
            WAYS[way](Ollama(url))
    assert asked
    assert asked_proxy == []


@pytest.mark.parametrize("way", WAYS)
def test_each_request_has_the_password_of_its_address_and_no_message_has(way: str) -> None:
    with answering(418) as (url, asked):
        host, _ = ollama_host("OLLAMA_HOST", url.replace("http://", "http://user:s3cret@"))
        with pytest.raises(OllamaHTTPError) as refused:
            WAYS[way](Ollama(host.url, authorization=host.authorization))
    assert [headers.get_all("Authorization") for headers in asked.headers] == [["Basic dXNlcjpzM2NyZXQ="]]
    assert "s3cret" not in str(refused.value)


def test_the_api_follows_no_redirect_of_a_host(new_app: NewApp) -> None:  # noqa: F811 - a fixture
    with answering(200) as (elsewhere, asked), answering(307, Location=f"{elsewhere}/api/tags") as (url, _):
        client = new_app(ollama_hosts={"local": url}).test_client()
        assert client.get("/api/v1/models").status_code == 503
        assert client.get("/api/v1/hosts").status_code == 200
        session = {"models": ["tiny"], "testTypes": ["decode"]}
        for host in ("local", "any", "all"):
            assert client.post("/api/v1/test-sessions", json=session | {"host": host}).status_code == 503
    assert asked == []


@pytest.mark.parametrize("host", ["http://127.0.0.1:1", "127.0.0.1", "local/../other", "local@evil", "//evil"])
def test_a_request_can_name_a_host_and_no_address(new_app: NewApp, host: str) -> None:  # noqa: F811 - a fixture
    client = new_app().test_client()
    session = {"models": ["tiny"], "testTypes": ["decode"], "host": host}
    assert client.post("/api/v1/test-sessions", json=session).status_code == 422
    for route in ("models", "hardware"):
        assert client.get(f"/api/v1/{route}", query_string={"host": host}).status_code == 422


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_is_compared_with_those_that_are_there_and_travels_as_data(
    new_app: NewApp,  # noqa: F811 - a fixture
    ollama: OllamaDouble,  # noqa: F811 - a fixture
    name: str,
) -> None:
    client = new_app().test_client()
    session = {"models": [name], "testTypes": ["decode"]}
    refused = client.post("/api/v1/test-sessions", json=session)
    assert refused.status_code == 422
    assert "not on host local" in body(refused)["details"]["models"][0]
    full = model_name(name)
    ollama.models = (full,)
    taken = client.post("/api/v1/test-sessions", json=session)
    assert taken.status_code == 202
    stored = sessions.session(body(taken)["sessionId"])
    assert stored is not None
    assert stored.models[0]["name"] == full
    found = client.get("/api/v1/test-sessions", query_string={"search": full.removesuffix(":latest")})
    assert body(found)["total"] == 1
    Driver(Ollama(ollama.url)).generate(Request(full, "once upon a time", 16, 512))
    assert [seen.model for seen in ollama.requests] == [full]


@pytest.mark.parametrize("name", ["a\x00b", "a\nb", "a\r\nX-API-Key: b", "\ud800", "a\x1b[31m", "a\x7f"])
def test_a_name_with_control_characters_is_refused(new_app: NewApp, name: str) -> None:  # noqa: F811 - a fixture
    answer = new_app().test_client().post("/api/v1/test-sessions", json={"models": [name], "testTypes": ["decode"]})
    assert answer.status_code == 422
    assert body(answer)["details"] == {"models": {"0": ["must not contain control characters"]}}
