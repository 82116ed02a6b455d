"""The last hour of a machine is read in little time: few readings, at equal distances."""

from redis import Redis

from api.conclusions.readings.last_hour import POINTS, last_hour
from common.messaging.redis import clock_ms
from testbed.stored import readings

SECOND = 1000


def test_the_last_hour_has_a_reading_of_each_part(redis: Redis) -> None:
    now = clock_ms(redis)
    ago = [3700, 3590, 1800, 1799, 1]  # s; the first is older than an hour, and two are in one part
    readings.append_all(redis, [(now - seconds * SECOND, readings.with_gpus(readings.GPU)) for seconds in ago])
    found = last_hour(redis, "local")
    assert [round((now - at) / SECOND) for at in found.at] in ([3590, 1800, 1], [3590, 1800, 1799, 1])
    lines = {line.name: line for line in found.lines}
    assert (lines["vram"].last, lines["vram"].most) == (900 * readings.MB, 24_000 * readings.MB)
    assert (lines["gpu"].last, lines["gpu"].most) == (93, 100)
    assert "gpuPower" in lines
    assert len(found.at) <= POINTS


def test_an_unknown_value_is_not_zero(redis: Redis) -> None:
    now = clock_ms(redis)
    readings.append_all(redis, [(now - 120 * SECOND, readings.with_cpu(50.0)), (now, readings.with_cpu(None))])
    lines = {line.name: line for line in last_hour(redis, "local").lines}
    assert list(lines["cpu"].values) == [50.0, None]
    assert set(lines) == {"cpu", "ram"}
    assert last_hour(redis, "other").lines == []
