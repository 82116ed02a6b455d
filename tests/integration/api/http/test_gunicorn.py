"""Start and stop of the API under gunicorn."""

import os
import socket
import struct
import subprocess
import threading
from pathlib import Path

import pytest
from redis import Redis

from local.ports import free_port
from testbed import ROOT
from testbed.servers.api_server import COMMAND, api_server

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(redis: Redis, redis_url: str, tmp_path: Path) -> dict[str, str]:
    assert redis.ping()
    return {"REDIS_URL": redis_url, "DATABASE_URL": f"sqlite:///{tmp_path}/gait.db"}


def test_stopping_closes_every_websocket(settings: dict[str, str], tmp_path: Path) -> None:
    with api_server(tmp_path, settings) as server:
        sockets = [server.connect(path) for path in ("/ws/test-progress", "/ws/hardware") for _ in range(10)]
        server.process.terminate()
        for ws in sockets:
            opcode, data = ws.recv_data()
            assert (opcode, struct.unpack("!H", data[:2])[0]) == (8, 1001)
        assert server.process.wait(30) == 0
        assert "graceful timeout" not in server.log.read_text()


@pytest.mark.slow
def test_a_slow_response_does_not_delay_others(settings: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with api_server(tmp_path, settings | {"OLLAMA_HOSTS": f"silent={address}"}) as server:
            asking = threading.Thread(target=lambda: server.get("/api/v1/models"))
            asking.start()
            asked, _ = silent.accept()
            assert server.get("/healthz").ok
            assert asking.is_alive()
            asked.close()
            silent.close()
            asking.join()


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ({"GUNICORN_CMD_ARGS": "--bind=:0"}, "At 0.0.0.0 other machines reach Gait, and no key is set"),
        ({"GAIT_ENV": "production"}, "GAIT_ENV=production needs a key"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/gait"}, "The database does not respond"),
    ],
)
def test_a_start_error_is_reported_in_one_sentence(settings: dict[str, str], wrong: dict[str, str], cause: str) -> None:
    environment = os.environ | {"PORT": str(free_port())} | settings | wrong
    ended = subprocess.run(COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    [line] = [line for line in ended.stderr.splitlines() if line.startswith("The API does not start: ")]
    assert cause in line
    assert "Traceback" not in ended.stderr
