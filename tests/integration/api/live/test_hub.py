"""A hub whose connection to Redis goes silent without being closed, as when a machine or a route goes away."""

import pytest
from redis import Redis

from api.live.readings import ReadingsSubscriber
from api.live.websocket import hub
from common.messaging import redis as connections
from common.messaging.redis import connect, readings_of
from testbed.stored.readings import publish
from testbed.waiting import until

PAUSE_MS = 1000


def test_a_silent_connection_is_replaced_and_nothing_is_lost(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "HEALTH_CHECK_S", 0.05)
    monkeypatch.setattr(hub, "WAIT_S", 0.05)
    subscriber = ReadingsSubscriber(redis, ["local"], None)
    listening = hub.Hub(connect(redis_url), [readings_of("local")])
    with listening.subscription(subscriber):
        until(lambda: redis.pubsub_numsub(readings_of("local"))[0][1], "a subscription")
        publish(redis, 1)
        until(subscriber.next_frame, "a reading")
        redis.client_pause(PAUSE_MS)  # commands wait, as do PINGs
        until(lambda: "live messages were interrupted" in caplog.text, "a new subscription")
        for percent in (2, 3):
            publish(redis, percent)
            frame = until(subscriber.next_frame, "a reading after the pause")
            assert f'"percent":{percent}'.encode() in (frame or b"")
        listening.close()
