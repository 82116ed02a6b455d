"""Free ports: no two of Gait's processes get the same one."""

import socket
import subprocess
import sys

import pytest

from local import ports
from local.ports import NoFreePort, free_port, is_free


@pytest.fixture
def one_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Leave a single port to choose from."""
    port = free_port()
    monkeypatch.setattr(ports, "PORTS", range(port, port + 1))
    return port


def test_a_port_is_returned_once(one_port: int) -> None:
    with pytest.raises(NoFreePort, match=str(one_port)):
        free_port()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that end with their process")
def test_a_port_is_returned_to_one_process_while_it_runs() -> None:
    program = "import sys; from local import ports; print(ports.free_port(), flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdin
        port = int(other.stdout.readline())
        assert is_free("127.0.0.1", port)
        assert not ports._reserve(port)
        other.stdin.close()
    assert ports._reserve(port)


def test_a_port_on_which_a_server_listens_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not is_free("127.0.0.1", server.getsockname()[1])
