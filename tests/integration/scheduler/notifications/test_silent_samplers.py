"""A sampler that falls silent is reported once, and once more when it is back."""

import pytest
from redis import Redis

from common.messaging import streams
from common.messaging.redis import connect, readings_of
from common.messaging.redis_errors import RedisUnavailable
from scheduler.notifications.silent_samplers import SILENT_AFTER_S, Silence
from tests.integration.scheduler.conftest import NewScheduler
from tests.integration.scheduler.nights import notified, receiver


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def read(redis: Redis, host: str = "local") -> None:
    streams.append(redis, {"host": host}, readings_of(host), keep=10)


def test_silence_and_return_are_reported_once(new_scheduler: NewScheduler, scheduler_url: str, redis: Redis) -> None:
    with new_scheduler(scheduler_url).app_context():
        receiver()
        clock = Clock()
        silence = Silence(clock)
        silence.run()
        read(redis)
        silence.run()
        clock.now += SILENT_AFTER_S - 1
        silence.run()
        assert notified() == []
        clock.now += 2
        for watching in (silence, silence, Silence(clock)):  # also one that starts later
            watching.run()
        [(event, text)] = notified()
        assert event == "sampler.silent"
        assert text.startswith("The sampler of local is silent: its last reading is from 20")
        redis.flushall()
        clock.now += SILENT_AFTER_S
        silence.run()
        read(redis)
        for watching in (silence, silence, Silence(clock)):
            watching.run()
        clock.now += SILENT_AFTER_S - 1
        read(redis)
        silence.run()
        assert [event for event, _ in notified()] == ["sampler.silent", "sampler.back"]


def test_a_time_without_redis_is_nobodys_silence(
    new_scheduler: NewScheduler, redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_scheduler().app_context():
        receiver()
        read(redis)
        clock = Clock()
        silence = Silence(clock)
        silence.run()
        with monkeypatch.context() as away:
            unreachable = connect(redis_url.replace("127.0.0.1", "127.0.0.2"), patient=False)
            away.setattr("scheduler.notifications.silent_samplers.redis", lambda: unreachable)
            clock.now += SILENT_AFTER_S
            with pytest.raises(RedisUnavailable):
                silence.run()
        clock.now += SILENT_AFTER_S - 1
        silence.run()
        clock.now += SILENT_AFTER_S - 1
        silence.run()
        assert notified() == []


def test_a_host_that_was_never_read_is_not_missed_and_one_that_left_is_forgotten(
    new_scheduler: NewScheduler, redis: Redis
) -> None:
    with new_scheduler().app_context():
        receiver()
        clock = Clock()
        silence = Silence(clock)
        read(redis, "gone")
        for _ in range(3):
            silence.run()
            clock.now += SILENT_AFTER_S
        assert notified() == []
