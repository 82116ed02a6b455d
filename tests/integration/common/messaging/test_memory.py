"""Redis's memory: streams are bounded in bytes, whatever is appended and however often."""

import json
import time
from typing import cast

import pytest
from redis import Redis

from common.messaging import events, progress_memory, streams
from common.messaging.progress_memory import ORDER, SIZES
from common.messaging.redis import PROGRESS, READINGS_BYTES, progress_of, readings_of
from common.messaging.unstored_readings import RECENT, lasting_s
from common.store.reads.sessions import SessionState

STATE = SessionState("running", 0.0, 0, 1)
BOUND = 300_000


@pytest.mark.parametrize("size", [20, 1000, 2100, 60_000])
def test_readings_of_any_size_are_bounded_in_bytes(redis: Redis, size: int) -> None:
    appender = streams.Appender(redis, "s", keep=10_000, max_bytes=BOUND)
    for _ in range(2 * BOUND // (size + 60)):
        appender.append({"filling": "x" * size})
    used = redis.memory_usage("s", samples=0)
    assert used is not None
    assert 0.5 * BOUND < used < BOUND


def publish(redis: Redis, session_id: str, size: int = 0) -> None:
    events.publish(redis, events.Event("progress", session_id, STATE, "measuring", log="x" * size))


def test_progress_messages_are_bounded_in_bytes(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in {"ALL_BYTES": 2 * BOUND, "SESSION_BYTES": BOUND, "SESSIONS_BYTES": 2 * BOUND}.items():
        monkeypatch.setattr(progress_memory, name, limit)
    publish(redis, "waiting")
    for session_id in "abcd":
        for size in (10, 5000, 100):
            for _ in range(60):
                publish(redis, session_id, size)
    sizes = {name: redis.memory_usage(name, samples=0) or 0 for name in (PROGRESS, *map(progress_of, "abcd"))}
    assert sizes[PROGRESS] <= 2 * BOUND
    assert max(sizes[progress_of(session_id)] for session_id in "abcd") <= BOUND
    assert sum(sizes[progress_of(session_id)] for session_id in "abcd") <= 2 * BOUND
    assert sizes[progress_of("d")] > BOUND / 4
    kept = cast("list[bytes]", redis.zrange(ORDER, 0, -1))
    assert [int(redis.hget(SIZES, name) or 0) for name in kept] == [sizes[name.decode()] for name in kept]
    assert int(redis.hget(SIZES, "total") or 0) == sum(sizes[name.decode()] for name in kept)
    assert not redis.exists(progress_of("waiting"))  # it was the oldest


def test_a_session_that_ended_long_ago_is_forgotten(redis: Redis) -> None:
    publish(redis, "old")
    redis.zadd(ORDER, {progress_of("old"): time.time() - streams.DAY_S - 60})
    publish(redis, "new")
    assert redis.zrange(ORDER, 0, -1) == [progress_of("new").encode()]
    assert not redis.exists(progress_of("old"))


def test_how_long_readings_last_is_known_from_their_rate_and_size(redis: Redis) -> None:
    assert lasting_s(redis, "h") == float("inf")
    for number in range(RECENT):
        redis.xadd(readings_of("h"), {"json": json.dumps({"filling": "x" * 1000})}, id=f"{1000 + 100 * number}-0")
    assert READINGS_BYTES / 20_000 < lasting_s(redis, "h") < READINGS_BYTES / 10_000
