import pytest
from redis import Redis
from redis.exceptions import RedisError

from common.messaging import streams
from common.messaging.redis import clock_ms


def test_numbers_increase_and_are_redis_times(redis: Redis) -> None:
    before = clock_ms(redis)
    numbers = [streams.append(redis, {"n": n}, "s", keep=1000) for n in range(50)]
    assert numbers == sorted(set(numbers))
    assert numbers[0] >= before


def test_read_returns_later_messages(redis: Redis) -> None:
    numbers = [streams.append(redis, {"n": n}, "s", keep=1000) for n in range(5)]
    assert streams.read(redis, "s", after=numbers[2]) == [(numbers[3], {"n": 3}), (numbers[4], {"n": 4})]
    assert streams.read(redis, "s", after=numbers[0], until=numbers[1]) == [(numbers[1], {"n": 1})]
    assert len(streams.read(redis, "s", count=2)) == 2


def test_the_newest_messages_come_first(redis: Redis) -> None:
    numbers = [streams.append(redis, {"n": n}, "s", keep=1000) for n in range(3)]
    assert streams.newest(redis, "s") == [(numbers[2], {"n": 2})]
    assert streams.newest(redis, "s", 5) == [(number, {"n": n}) for n, number in reversed([*enumerate(numbers)])]
    assert streams.newest(redis, "nothing", 5) == []


def test_copies_have_the_same_numbers(redis: Redis) -> None:
    first = streams.append(redis, {"of": "a"}, "all", "a", keep=10)
    second = streams.append(redis, {"of": "b"}, "all", "b", keep=10)
    assert streams.read(redis, "a") == [(first, {"of": "a"})]
    assert streams.read(redis, "b") == [(second, {"of": "b"})]
    assert [seq for seq, _ in streams.read(redis, "all")] == [first, second]


def test_the_published_message_is_the_stored_one(redis: Redis) -> None:
    subscriber = redis.pubsub(ignore_subscribe_messages=True)
    subscriber.subscribe("s")
    assert subscriber.get_message(timeout=5) is None  # the confirmation, ignored
    seq = streams.append(redis, {"text": "grüße"}, "s", keep=10)
    message = subscriber.get_message(timeout=5)
    assert message is not None
    assert streams.parse(message["data"]) == (seq, {"text": "grüße"}) == streams.read(redis, "s")[0]
    subscriber.close()


@pytest.mark.parametrize("written", [b"", b"x", b"\xff", b"[]", b"1", b"[" * 10_000])
def test_what_others_wrote_is_skipped(redis: Redis, written: bytes) -> None:
    redis.xadd("s", {"json": written})
    redis.xadd("s", {"other": written})
    seq = streams.append(redis, {"n": 1}, "s", keep=10)
    assert streams.read(redis, "s") == streams.newest(redis, "s", 3) == [(seq, {"n": 1})]
    assert streams.parse(b"1 " + written) is None
    assert streams.parse(b"x {}") is None


def test_an_appender_works_like_append_even_without_the_script(redis: Redis) -> None:
    appender = streams.Appender(redis, "s", keep=10)
    numbers = []
    for n in range(4):
        if n % 2 == 0:
            redis.script_flush()
        numbers.append(appender.append({"n": n}))
    assert streams.read(redis, "s") == [(number, {"n": n}) for n, number in enumerate(numbers)]


def test_an_appender_whose_connection_was_cut_loses_one_message(redis: Redis) -> None:
    appender = streams.Appender(redis, "s", keep=10)
    appender.append({"n": 0})
    redis.client_kill_filter(_type="normal", skipme=True)
    with pytest.raises(RedisError):
        appender.append({"n": 1})
    appender.append({"n": 2})
    assert [message["n"] for _, message in streams.read(redis, "s")] == [0, 2]
