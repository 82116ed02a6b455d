import json
from collections.abc import Callable

import pytest
from redis import Redis

from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of
from common.records.usage import NO_USAGE
from sampler.readings import Reading
from testbed.waiting import until
from tests.support.machine.reading_windows import card, make_reading
from tests.support.machine.regular_sampler import sampler
from worker.machine import idle_baseline
from worker.machine.idle_baseline import Baseline

SECONDS = 5.0


@pytest.fixture(autouse=True)
def short_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_baseline, "SETTLING_MS", 20)


def publish(redis: Redis, reading: Reading) -> int:
    return streams.append(redis, reading.message(), readings_of("h"), keep=1000)


def record(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object], log: list[str] | None = None
) -> Baseline:
    """Record a baseline during which `meanwhile` runs. It lasts as long as `meanwhile` takes."""
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        meanwhile()

    monkeypatch.setattr(idle_baseline, "sleep", sleep)
    found = idle_baseline.record(redis, "h", SECONDS, (log if log is not None else []).append)
    assert waits == [SECONDS]
    assert found is not None
    return found


def after(redis: Redis, at: int) -> None:
    until(lambda: clock_ms(redis) > at, "the time to pass")


def test_the_load_before_is_left_out(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    after(redis, publish(redis, make_reading(cpu=100)) + 10)
    fading = publish(redis, make_reading(cpu=60))
    begins = iter([fading - 5])
    monkeypatch.setattr(idle_baseline, "clock_ms", lambda _: next(begins, None) or clock_ms(redis))

    def meanwhile() -> None:
        after(redis, fading + 20)
        after(redis, publish(redis, make_reading(cpu=2)) + 5)
        after(redis, publish(redis, make_reading(cpu=4)))

    log: list[str] = []
    found = record(redis, monkeypatch, meanwhile, log)
    assert (found.usage.readings, found.usage.cpu) == (2, 3)
    assert log == ["idle baseline: recording the idle machine for 5 s"]


def test_a_baseline_has_the_power_of_the_idle_machine(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    with sampler(redis, lambda at: make_reading(card(power=30, energy=30 * at / 1000)), "h"):
        found = record(redis, monkeypatch, lambda: after(redis, clock_ms(redis) + 60))
    assert found.energy is not None
    assert found.energy.power == pytest.approx(30, rel=0.01)
    assert found.energy.duration == found.end - found.start
    assert found.observed["gpuPower"] == {"mean": 30, "peak": 30}


def test_everything_is_unknown_if_the_sampler_died_meanwhile(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    at = publish(redis, make_reading(card(power=30), cpu=100))
    found = record(redis, monkeypatch, lambda: after(redis, at + 60))
    assert found.usage == NO_USAGE
    assert (found.observed["readings"], found.observed["cpu"], found.energy) == (0, None, None)


@pytest.mark.parametrize("seconds", [0, SECONDS])
def test_without_a_sampler_or_a_time_nobody_waits(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(idle_baseline, "sleep", lambda _: pytest.fail("it must not wait"))
    if not seconds:
        publish(redis, make_reading(cpu=1))
    log: list[str] = []
    assert idle_baseline.record(redis, "h", seconds, log.append) is None
    assert log == []


def test_no_baseline_is_recorded_without_recent_readings(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_baseline, "RECENT_MS", 5)
    monkeypatch.setattr(idle_baseline, "sleep", lambda _: pytest.fail("it must not wait"))
    after(redis, publish(redis, make_reading(cpu=1)) + 10)
    assert idle_baseline.record(redis, "h", SECONDS, pytest.fail) is None


def test_half_of_a_short_baseline_counts(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_baseline, "SETTLING_MS", 500)
    publish(redis, make_reading(cpu=1))
    found = idle_baseline.record(redis, "h", 0.1, lambda _: None)
    assert found is not None
    assert found.end - found.start >= 50


def test_a_stored_baseline_is_restored(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(redis, make_reading(cpu=1))
    found = record(redis, monkeypatch, lambda: publish(redis, make_reading(card(power=3), cpu=1)))
    assert Baseline.from_stored(json.loads(json.dumps(found.record()))) == found
