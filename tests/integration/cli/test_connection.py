"""The server and the key: where they come from, and what is said if they are wrong."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.errors import Refused, WrongUsage
from cli.exit_codes import ExitCode
from cli.server.client import Client
from cli.server.configuration import connection
from testbed.servers.api_server import ApiServer
from tests.integration.cli.conftest import KEY, Gait

ELSEWHERE = "http://127.0.0.1:9"


class Answers(BaseHTTPRequestHandler):
    """A server that is not Gait. The path of a request says how it answers."""

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers))  # type: ignore[attr-defined]
        redirects = self.path.startswith("/redirect")
        self.send_response(302 if redirects else 503 if self.path.startswith("/busy") else 200)
        self.send_header("Location", f"{ELSEWHERE}/other")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>Welcome to nginx")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Write nothing."""


@pytest.fixture
def other() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        server.seen = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(
    ("changed", "code", "says"),
    [
        ({"GAIT_URL": ELSEWHERE}, ExitCode.UNAVAILABLE, "No Gait answers at http://127.0.0.1:9 (from GAIT_URL)."),
        ({"GAIT_URL": "http://me:secret@127.0.0.1:9"}, ExitCode.UNAVAILABLE, "No Gait answers at http://127.0.0.1:9 "),
        ({"GAIT_URL": "localhost:8000"}, ExitCode.USAGE, "Write it as in http://localhost:8000."),
        ({"GAIT_URL": "http://[::1"}, ExitCode.USAGE, "is not the URL of a server"),
        ({"GAIT_URL": "http://nowhere.invalid"}, ExitCode.UNAVAILABLE, "No Gait answers at http://nowhere.invalid"),
        ({"GAIT_API_KEY": ""}, ExitCode.REFUSED, "needs a key, and none is set. Set GAIT_API_KEY"),
        ({"GAIT_API_KEY": "wrong"}, ExitCode.REFUSED, "does not know the key from GAIT_API_KEY."),
        ({"GAIT_API_KEY": "ключ"}, ExitCode.REFUSED, "does not know the key from GAIT_API_KEY."),
        ({"GAIT_API_KEY": "a\nb"}, ExitCode.USAGE, "The key from GAIT_API_KEY has characters that no key has."),
        ({"GAIT_API_KEY_FILE": "/nowhere"}, ExitCode.USAGE, "GAIT_API_KEY_FILE: /nowhere cannot be read"),
    ],
)
def test_what_is_wrong_with_the_connection_is_said(
    gait: Gait, changed: dict[str, str], code: ExitCode, says: str
) -> None:
    ended = gait("models", env=changed)
    assert (ended.exit_code, ended.stdout) == (code, "")
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "secret" not in ended.stderr


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "is not a Gait: it answered 200 with text/html. Set GAIT_URL"),
        ("/busy", "is not a Gait: it answered 503 with text/html. If it is a proxy before Gait, check that Gait runs"),
        ("/redirect", "leads on to http://127.0.0.1:9/other. Set GAIT_URL to the address of Gait itself."),
    ],
)
def test_another_server_is_named_as_such(gait: Gait, other: HTTPServer, path: str, says: str) -> None:
    ended = gait("models", env={"GAIT_URL": f"http://127.0.0.1:{other.server_port}{path}"})
    assert (ended.exit_code, ended.stdout) == (ExitCode.UNAVAILABLE, "")
    assert says in ended.stderr


def test_an_older_server_is_named_as_a_possible_cause(served: ApiServer) -> None:
    client = Client(connection(f"http://{served.address}", KEY, {}))
    for method, path, parameters in (
        ("GET", "/inventions", {}),
        ("GET", "/models", {"invention": 1}),
        ("PATCH", "/models", {}),
    ):
        with pytest.raises(Refused, match="The server may be an older Gait"):
            client._call(method, path, params=parameters)


@pytest.mark.parametrize("url", ["{}/", "{}/api/v1", "{}/api/v1/"])
def test_the_url_may_be_written_in_several_ways(gait: Gait, served: ApiServer, url: str) -> None:
    assert gait("types", "--url", url.format(f"http://{served.address}")).exit_code == ExitCode.DONE


def test_the_configuration_file_holds_server_and_key(
    gait: Gait, served: ApiServer, other: HTTPServer, tmp_path: Path
) -> None:
    unset = {"GAIT_URL": "", "GAIT_API_KEY": ""}
    file = tmp_path / "gait" / "config.toml"
    assert gait("config", "set-url", f"http://{served.address}/api/v1", env=unset).exit_code == ExitCode.DONE
    assert gait("config", "set-key", input=f"{KEY}\n", env=unset).exit_code == ExitCode.DONE
    assert gait("models", env=unset).exit_code == ExitCode.DONE
    assert str(file) in gait("config", env={**unset, "COLUMNS": "300"}).stdout
    assert KEY not in gait("config", "--json", env=unset).stdout
    assert (file.stat().st_mode & 0o777, KEY in file.read_text()) == (0o600, True)
    gait("models", "--url", f"http://127.0.0.1:{other.server_port}", env=unset)
    [headers] = other.seen  # type: ignore[attr-defined]
    assert "X-API-Key" not in headers, "the key of one server is not for another"
    file.chmod(0o640)
    refused = gait("models", env=unset)
    assert (refused.exit_code, f"chmod 600 {file}" in refused.stderr) == (ExitCode.USAGE, True)


@pytest.mark.parametrize("text", ["url = 5", "colour = 'red'", "url", "api_key = ['a']"])
def test_a_file_that_is_not_understood_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "gait").mkdir()
    file = tmp_path / "gait" / "config.toml"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(WrongUsage, match=r"config\.toml"):
        connection(None, None, {"XDG_CONFIG_HOME": str(tmp_path)})


def test_options_win_over_variables_and_these_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "gait").mkdir()
    (tmp_path / "gait" / "config.toml").write_text("url = 'http://file'\n")
    variables = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert connection(None, None, variables).url == "http://file"
    variables["GAIT_URL"] = "'http://variable'"
    assert connection(None, None, variables).url == "http://variable"
    assert connection("http://option", None, variables).url == "http://option"
    assert connection(None, None, {"XDG_CONFIG_HOME": "/nowhere"}).url == "http://127.0.0.1:8000"
