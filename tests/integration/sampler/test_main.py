"""The sampler's process, started as operators do."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from common.messaging import streams
from common.messaging.redis import inventory_of, readings_of
from testbed.waiting import until

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "sampler"]


def environment(redis_url: str, **more: str) -> dict[str, str]:
    return {**os.environ, "REDIS_URL": redis_url, "SAMPLE_HZ": "50", **more}


@contextmanager
def sampler(settings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(COMMAND, env=settings, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_readings(redis: Redis, host: str, count: int) -> list[streams.Message]:
    while len(readings := streams.read(redis, readings_of(host))) < count:
        time.sleep(0.01)
    return readings


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_sampler_publishes_until_it_receives_a_stop_signal(redis: Redis, redis_url: str, stop: signal.Signals) -> None:
    with sampler(environment(redis_url)) as process:
        readings = wait_for_readings(redis, "local", 20)
        process.send_signal(stop)
        _, log = process.communicate()
    assert process.returncode == 0
    assert "stopped" in log
    assert "Traceback" not in log
    assert [seq for seq, _ in readings] == sorted({seq for seq, _ in readings})
    assert all(reading["host"] == "local" and reading["memory"]["total"] > 0 for _, reading in readings)
    hardware = json.loads(redis.get(inventory_of("local")) or b"null")
    assert list(hardware) == ["cpu", "gpu", "ram", "storage", "os", "bios", "limits", "missing"]
    assert hardware["ram"]["total"] == readings[0][1]["memory"]["total"]


def test_sampler_publishes_gpus_under_its_hosts_names(redis: Redis, redis_url: str, nvml_library: Path) -> None:
    gpus = {"LD_LIBRARY_PATH": str(nvml_library.parent), "OLLAMA_HOSTS": "one=h:1,two=h:2", "SAMPLER_HOST": "two"}
    with sampler(environment(redis_url, **gpus)):
        readings = wait_for_readings(redis, "two", 1)
        until(lambda: redis.exists(inventory_of("two")), "the inventory, which comes after the first reading")
        of_the_other = wait_for_readings(redis, "one", 1)
    assert readings[0][1]["gpus"][0]["smClock"] == 1980
    assert of_the_other[0][1]["host"] == "one"
    assert redis.get(inventory_of("one")) == redis.get(inventory_of("two"))
    hardware = json.loads(redis.get(inventory_of("two")) or b"null")
    assert [gpu["model"] for gpu in hardware["gpu"]] == ["Stand-in 5000"]


def test_a_gpu_whose_name_is_not_text_is_read_without_it(redis: Redis, redis_url: str, nvml_library: Path) -> None:
    odd = {"LD_LIBRARY_PATH": str(nvml_library.parent), "NVML_NAME": "G\udcff"}
    with sampler(environment(redis_url, **odd)):
        readings = wait_for_readings(redis, "local", 3)
        until(lambda: redis.exists(inventory_of("local")), "the inventory")
    assert [(gpu["name"], gpu["power"]) for gpu in readings[-1][1]["gpus"]] == [(None, 123.4)]
    hardware = json.loads(redis.get(inventory_of("local")) or b"null")
    assert [(gpu["model"], gpu["memory"]) for gpu in hardware["gpu"]] == [(None, 8 << 30)]
    assert "can't decode byte 0xff" in hardware["missing"]["gpu 0 nvmlDeviceGetName"]


def test_a_wrong_setting_is_reported_in_one_sentence(redis_url: str) -> None:
    wrong = environment(redis_url, SAMPLE_HZ="fast")
    done = subprocess.run(COMMAND, env=wrong, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("The sampler does not start: SAMPLE_HZ: Not a valid number.")
    assert done.stderr.count("\n") == 1


def test_sampler_stops_while_redis_is_unavailable(tmp_path: Path) -> None:
    with sampler(environment(f"unix://{tmp_path}/none.sock")) as process:
        assert process.stderr is not None
        while "Redis does not accept readings" not in process.stderr.readline():
            pass
        process.terminate()
        process.communicate()
    assert process.returncode == 0


def test_a_second_sampler_of_a_host_waits_until_the_first_ends(redis: Redis, redis_url: str) -> None:
    with sampler(environment(redis_url)) as first:
        wait_for_readings(redis, "local", 1)
        with sampler(environment(redis_url)) as second:
            assert second.stderr
            line = second.stderr.readline()
            while "waiting" not in line:
                line = second.stderr.readline()
            assert "another sampler on this machine serves host local" in line
            first.kill()
            first.wait()
            redis.delete(readings_of("local"))
            wait_for_readings(redis, "local", 1)


RESOLVER = """
import os, socket
known = socket.getaddrinfo

def getaddrinfo(name, *rest, **more):
    if name == "late.example":
        if not os.path.exists(os.environ["NAMES"]):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        name = "127.0.0.1"
    return known(name, *rest, **more)

socket.getaddrinfo = getaddrinfo
"""
"""A DNS that knows late.example, this machine, as soon as there is a file."""


def test_a_host_that_dns_knows_later_gets_readings(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(RESOLVER)
    names = tmp_path / "names"
    hosts = {"OLLAMA_HOSTS": "local=127.0.0.1,late=late.example:1", "SAMPLER_HOST": "local", "NAMES": str(names)}
    with sampler(environment(redis_url, PYTHONPATH=str(tmp_path), **hosts)) as process:
        assert process.stderr
        while "DNS does not know late.example" not in process.stderr.readline():
            pass
        wait_for_readings(redis, "local", 1)
        assert not redis.exists(readings_of("late"))
        names.touch()
        while "starting again with them" not in process.stderr.readline():
            pass
        wait_for_readings(redis, "late", 1)
        process.terminate()
        process.communicate()
    assert process.returncode == 0
