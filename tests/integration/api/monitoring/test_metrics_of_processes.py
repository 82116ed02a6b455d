"""Metrics of an API on several processes, which count together."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from websocket import WebSocket, WebSocketException, WebSocketTimeoutException

from testbed.servers.api_server import ApiServer, api_server
from testbed.waiting import until
from tests.support.formats.scrape import Figures


@pytest.fixture
def several(redis: Redis, redis_url: str, tmp_path: Path) -> Iterator[ApiServer]:
    """Run the API with two processes."""
    redis.ping()
    settings = {
        "REDIS_URL": redis_url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/gait.db",
        "GUNICORN_CMD_ARGS": "--workers 2",
        "TMPDIR": str(tmp_path),
    }
    with api_server(tmp_path, settings) as running:
        yield running


@pytest.mark.slow
def test_several_processes_share_their_counts(several: ApiServer, tmp_path: Path) -> None:
    def processes() -> list[int]:
        return [worker.pid for worker in several.workers]

    def figures() -> Figures:
        return Figures(several.get("/metrics").text)

    def counted() -> float:
        return figures().total("gait_http_request_duration_seconds_count", route="/api/v1/test-types")

    until(lambda: len(processes()) == 2, "two processes")
    sockets = [several.connect("/ws/hardware") for _ in range(30)]
    until(lambda: figures().get("gait_websocket_clients", kind="hardware") == 30, "thirty sockets")
    for _ in range(30):
        several.get("/api/v1/test-types")
    assert counted() == 30
    before = processes()
    os.kill(before[0], signal.SIGKILL)
    until(lambda: before[0] not in processes() and len(processes()) == 2, "a new process")
    alive = 0
    for ws in sockets:
        ws.settimeout(0.1)
        alive += _is_open(ws)
    until(lambda: figures().get("gait_websocket_clients", kind="hardware") == alive, "the sockets that are left")
    assert counted() == 30
    before = processes()
    several.process.send_signal(signal.SIGHUP)
    until(lambda: len(processes()) == 2 and not {*before} & {*processes()}, "a reload")
    until(lambda: figures().get("gait_websocket_clients", kind="hardware") == 0, "an end of the sockets")
    assert counted() == 30
    [folder] = tmp_path.glob("gait-metrics-*")
    several.disconnect()
    several.process.terminate()
    several.process.wait(30)
    assert not folder.exists()


def _is_open(ws: WebSocket) -> bool:
    try:
        return bool(ws.recv())
    except WebSocketTimeoutException:
        return True
    except (WebSocketException, OSError):
        return False
