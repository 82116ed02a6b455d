from redis import Redis

from common import streams
from common.redis import clock_ms, readings_of
from sampler.readings import Cpu, Energy, Gpu, Memory, Ollama, Reading
from worker.telemetry import Usage, usage


def gpu(utilization: int | None = None, memory_ollama: int | None = None) -> Gpu:
    return Gpu(0, "G", utilization, None, None, memory_ollama, None, None, None, None, None, None)


def reading(cpu: float = 50, memory: int = 1000, gpus: tuple[Gpu, ...] | None = ()) -> Reading:
    """As the sampler takes them, so that a name changed there is seen here."""
    return Reading(
        host="h",
        cpu=Cpu(cpu, (cpu,), None, None),
        memory=Memory(1, 1, 1, 0),
        ollama=Ollama(1, None, memory),
        gpus=gpus,
        energy=Energy(None),
    )


UNKNOWN = Reading("h", None, None, None, None, Energy(None))


def publish(redis: Redis, *readings: Reading) -> list[int]:
    return [streams.append(redis, taken.message(), readings_of("h"), keep=1000) for taken in readings]


def test_a_window_holds_what_was_published_in_it(redis: Redis) -> None:
    publish(redis, reading(cpu=1))
    start, *_, end = publish(redis, reading(cpu=10), reading(cpu=20), reading(cpu=60))
    publish(redis, reading(cpu=99))
    assert usage(redis, "h", start, end) == Usage(3, ram=1000, vram=None, cpu=30, gpu=None)


def test_the_window_is_on_the_clock_of_redis(redis: Redis) -> None:
    start = clock_ms(redis)
    publish(redis, reading(), reading())
    assert usage(redis, "h", start, clock_ms(redis) + 1).readings == 2


def test_without_readings_all_is_unknown(redis: Redis) -> None:
    publish(redis, reading())
    assert usage(redis, "another", 0, clock_ms(redis)) == Usage(0, None, None, None, None)


def test_what_a_reading_does_not_tell_is_left_out_of_the_mean(redis: Redis) -> None:
    start, *_, end = publish(redis, UNKNOWN, reading(cpu=40, memory=500), UNKNOWN)
    assert usage(redis, "h", start, end) == Usage(3, ram=500, vram=None, cpu=40, gpu=None)


def test_gpus_are_added_up_in_memory_and_averaged_in_use(redis: Redis) -> None:
    two = (gpu(100, 7), gpu(0, 3))
    start, *_, end = publish(redis, reading(gpus=two), reading(gpus=(gpu(None, None), gpu(20, 20))), reading(gpus=None))
    found = usage(redis, "h", start, end)
    assert (found.vram, found.gpu) == (15, 35)


def test_windows_are_joined_by_their_readings() -> None:
    few = Usage(1, ram=100, vram=None, cpu=10, gpu=None).describe()
    many = Usage(3, ram=200, vram=8, cpu=None, gpu=None).describe()
    none = Usage(0, None, None, None, None).describe()
    assert Usage.joined([few, many, none]) == Usage(4, ram=175, vram=8, cpu=10, gpu=None)
    assert Usage.joined([]) == Usage(0, None, None, None, None)
