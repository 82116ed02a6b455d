"""The images' health checks, on a real Redis."""

import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from redis import Redis
from rq import Queue, Worker

from common.messaging import schedulers, streams
from common.messaging.redis import SCHEDULERS, clock_ms, readings_of
from testbed import ROOT

pytestmark = pytest.mark.slow


def health(process: str, **environment: str) -> int:
    """Return the exit status of a process's check. Only 0 means healthy."""
    command = [sys.executable, str(ROOT / "docker" / "health" / f"{process}.py")]
    inherited = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env={**inherited, **environment}, check=False, stderr=subprocess.DEVNULL).returncode


def test_a_sampler_is_healthy_while_its_readings_are_fresh(redis: Redis, redis_url: str) -> None:
    assert health("sampler", REDIS_URL=redis_url) != 0
    redis.xadd(readings_of("local"), {"json": "{}"}, id=f"{clock_ms(redis) - 6_000}-0")
    assert health("sampler", REDIS_URL=redis_url) != 0
    streams.append(redis, {}, readings_of("local"), keep=10)
    assert health("sampler", REDIS_URL=redis_url) == 0


def test_the_readings_of_another_machine_do_not_make_a_sampler_healthy(redis: Redis, redis_url: str) -> None:
    streams.append(redis, {}, readings_of("other"), keep=10)
    assert health("sampler", REDIS_URL=redis_url) != 0


def test_a_low_sample_rate_allows_older_readings(redis: Redis, redis_url: str) -> None:
    redis.xadd(readings_of("local"), {"json": "{}"}, id=f"{clock_ms(redis) - 6_000}-0")
    assert health("sampler", REDIS_URL=redis_url, SAMPLE_HZ="0.1") == 0


def test_a_worker_is_healthy_while_it_is_registered(redis: Redis, redis_url: str) -> None:
    assert health("worker", REDIS_URL=redis_url) != 0
    worker = Worker([Queue("sessions", connection=redis)], connection=redis)
    worker.register_birth()
    assert health("worker", REDIS_URL=redis_url) == 0
    worker.register_death()
    assert health("worker", REDIS_URL=redis_url) != 0


@pytest.mark.parametrize(
    ("field", "value"), [("hostname", "another-container"), ("last_heartbeat", "2020-01-01T00:00:00.000000Z")]
)
def test_neither_another_nor_a_silent_worker_is_healthy(redis: Redis, redis_url: str, field: str, value: str) -> None:
    worker = Worker([Queue("sessions", connection=redis)], connection=redis)
    worker.register_birth()
    redis.hset(worker.key, field, value)
    assert health("worker", REDIS_URL=redis_url) != 0


def test_a_scheduler_is_healthy_while_its_heartbeat_is_fresh(redis: Redis, redis_url: str) -> None:
    redis.zadd(SCHEDULERS, {"another-container:1": clock_ms(redis)})
    assert health("scheduler", REDIS_URL=redis_url) != 0
    schedulers.record_heartbeat(redis)
    assert health("scheduler", REDIS_URL=redis_url) == 0
    silent = {f"{socket.gethostname()}:{os.getpid()}": clock_ms(redis) - schedulers.TIMEOUT_MS - 1}
    redis.zadd(SCHEDULERS, silent)
    assert health("scheduler", REDIS_URL=redis_url) != 0


@pytest.mark.parametrize("process", ["worker", "sampler", "scheduler"])
def test_nothing_is_healthy_without_its_redis(process: str) -> None:
    assert health(process, REDIS_URL="redis://127.0.0.1:1/0") != 0


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_an_api_is_healthy_while_it_responds(status: int, *, healthy: bool) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        assert (health("api", PORT=str(server.server_port), http_proxy="http://127.0.0.1:1") == 0) is healthy
        server.shutdown()
