from pathlib import Path

import psutil
from redis import Redis

from local.redis_server import redis_server


def test_redis_keeps_its_data_and_leaves_no_process(tmp_path: Path) -> None:
    with redis_server(tmp_path / "data", tmp_path / "redis.log") as url, Redis.from_url(url) as client:
        pid = client.info()["process_id"]
        client.set("key", "value")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
    assert not psutil.pid_exists(pid)
    with redis_server(tmp_path / "data", tmp_path / "redis.log") as url, Redis.from_url(url) as client:
        assert client.get("key") == b"value"
