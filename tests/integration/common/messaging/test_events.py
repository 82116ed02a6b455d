import re

from redis import Redis

from common.messaging import events, streams
from common.messaging.events import Event
from common.messaging.redis import PROGRESS, progress_of
from common.store.reads.sessions import SessionState

STATE = SessionState("running", 33.333, 1, 3)


def event(**changed: object) -> Event:
    default = {"type": "progress", "session_id": "s1", "session": STATE, "phase": "measuring"}
    return Event(**{**default, **changed})  # type: ignore[arg-type]  # values of many types


def test_a_message_has_the_names_of_the_api(redis: Redis) -> None:
    point = {"promptTokens": 64}
    seq = events.publish(redis, event(model="m:1", test_type="decode", progress=66.66, point=point, repetition=2))
    (stored,) = streams.read(redis, PROGRESS)
    sent = events.client_message(stored)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", sent.pop("at"))
    assert sent == {
        "seq": seq,
        "type": "progress",
        "sessionId": "s1",
        "modelName": "m:1",
        "testType": "decode",
        "progress": 66.7,
        "phase": "measuring",
        "point": {"promptTokens": 64},
        "repetition": 2,
        "session": {"status": "running", "progress": 33.3, "completedTests": 1, "failedTests": 0, "totalTests": 3},
    }


def test_metrics_errors_and_log_are_present_only_if_given(redis: Redis) -> None:
    events.publish(redis, event(metrics={}))
    events.publish(redis, event(type="error", error="out of memory"))
    events.publish(redis, event(log="warm-up 1: 42 tokens/s"))
    (_, first), (_, second), (_, third) = streams.read(redis, PROGRESS)
    assert (third["log"], "log" in first, "log" in second) == ("warm-up 1: 42 tokens/s", False, False)
    assert (first["metrics"], "error" in first) == ({}, False)
    assert (second["error"], "metrics" in second) == ("out of memory", False)


def test_each_session_has_its_stream_and_all_are_in_one(redis: Redis) -> None:
    sent = [(name, events.publish(redis, event(session_id=name))) for name in ("s1", "s2", "s1")]
    assert [seq for seq, _ in streams.read(redis, PROGRESS)] == [seq for _, seq in sent]
    for name in ("s1", "s2"):
        assert [seq for seq, _ in streams.read(redis, progress_of(name))] == [seq for to, seq in sent if to == name]


def test_a_sessions_own_stream_expires(redis: Redis) -> None:
    events.publish(redis, event())
    assert 0 < redis.ttl(progress_of("s1")) <= streams.DAY_S
    assert redis.ttl(PROGRESS) == -1


def test_the_time_comes_from_the_number() -> None:
    assert events.client_message((1_772_366_400_123, {}))["at"] == "2026-03-01T12:00:00.123Z"
