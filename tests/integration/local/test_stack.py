import socket
import subprocess
import sys
from pathlib import Path

import pytest
from honcho.environ import expand_processes, parse_procfile

from cli.exit_codes import ExitCode
from common import ROOT as PACKAGES
from common.environment.settings import forget
from common.errors import ConfigurationError
from common.process.programs import PROGRAMS
from local.ports import free_port
from local.readiness import Readiness, configured_key
from local.stack import address, database, running_processes
from testbed import ROOT


def test_a_port_in_use_is_named_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        refused = subprocess.run(
            [sys.executable, "-m", "cli", "up"], capture_output=True, text=True, check=False, cwd=ROOT
        )
    assert refused.returncode == ExitCode.FAILED
    advice = "Stop its program, or set GAIT_PORT to another port, such as 8001."
    assert refused.stderr == f"Port {port} is in use. {advice}\n"


def test_a_wrong_setting_gives_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eight")
    refused = subprocess.run([sys.executable, "-m", "cli", "up"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert refused.returncode == ExitCode.USAGE
    assert refused.stderr.startswith("PORT: ")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "served"),
    [({}, "8000"), ({"port": 9000}, "9000"), ({"env": {"PORT": "9001"}}, "9001"), ({"port": 5001}, "5001")],
)
def test_under_honcho_the_api_serves_port_8000_unless_set(
    options: dict[str, object], served: str, tmp_path: Path
) -> None:
    gunicorn = tmp_path / "gunicorn"
    gunicorn.write_text("#!/bin/sh\necho $PORT\n")
    gunicorn.chmod(0o755)
    processes = parse_procfile((ROOT / "Procfile").read_text()).processes
    web, *others = expand_processes(processes, **({"port": 5000} | options))
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", **web.env}
    output = subprocess.run(
        ["/bin/sh", "-c", web.cmd], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert output.strip() == served
    started = [" ".join(("exec python -m", *program)) for program in PROGRAMS.values()]
    assert [other.cmd for other in others] == started[1:]
    shown = started[0].replace("python -m ", "").replace(f"{PACKAGES}/", "")
    assert web.cmd.replace("'", "").endswith(shown), "honcho starts what the local stack starts"


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::", "http://[::1]:80")],  # noqa: S104 - nothing is bound
)
def test_address_of_a_server_on_this_machine(host: str, url: str) -> None:
    assert address(host, 80) == url


def test_a_client_needs_a_key_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    digest = "sha256:" + 64 * "0"
    monkeypatch.setenv("API_KEYS", f"{digest},key")
    assert configured_key() == "key"
    monkeypatch.setenv("API_KEYS", digest)
    with pytest.raises(ConfigurationError, match="API_KEYS holds only digests"):
        configured_key()


def test_a_missing_server_is_not_ready() -> None:
    missing = Readiness("http://127.0.0.1:9")
    assert not missing.api_is_ready()
    assert missing.problem("local") == "The API does not respond at http://127.0.0.1:9."


def test_there_is_a_worker_for_each_machine(tmp_path: Path) -> None:
    commands = {"web": ["sleep", "60"], "worker": ["sleep", "60"]}
    with running_processes(commands, tmp_path, {}, workers=3) as processes:
        assert [log.name for log in processes] == ["web.log", "worker.log", "worker-2.log", "worker-3.log"]
        assert len({process.pid for process in processes.values()}) == 4


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///var/gait.db", "var/gait.db"),
        ("postgresql://u:hunter@h/db?sslmode=require", "postgresql://h/db"),
        ("postgresql://h/db?password=hunter", "postgresql://h/db"),
    ],
)
def test_the_place_of_the_results_has_no_password(monkeypatch: pytest.MonkeyPatch, url: str, shown: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    forget()
    assert database() == shown
    forget()


@pytest.mark.parametrize(
    ("host", "code", "says"),
    [
        ("0", ExitCode.USAGE, "At 0.0.0.0 other machines reach Gait, and no key is set. Set API_KEYS"),
        ("203.0.113.7", ExitCode.FAILED, "203.0.113.7 is not an address of this machine. Set GAIT_HOST to one"),
        ("x86_64-conda-linux-gnu", ExitCode.FAILED, "x86_64-conda-linux-gnu is not an address of this machine."),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, host: str, code: ExitCode, says: str
) -> None:
    monkeypatch.setenv("GAIT_HOST", host)
    monkeypatch.setenv("GAIT_PORT", str(free_port()))  # a Gait that runs here has the usual one
    refused = subprocess.run([sys.executable, "-m", "cli", "up"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (refused.returncode, refused.stderr[: len(says)]) == (code, says)
