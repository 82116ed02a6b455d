import json
from dataclasses import replace

import pytest
from redis import Redis

from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of
from common.records.usage import Usage
from common.records.usage import usage as of_readings
from sampler.readings import (
    BatteryReading,
    CpuReading,
    EnergyReading,
    GpuReading,
    MemoryReading,
    OllamaReading,
    ProcessUsage,
    Reading,
)
from worker.machine import readings as telemetry


def gpu(
    utilization: int | None = None, memory_ollama: int | None = None, throttle: tuple[str, ...] | None = None
) -> GpuReading:
    return GpuReading(0, "G", utilization, None, None, memory_ollama, None, None, None, None, None, throttle)


def reading(  # noqa: PLR0913 - the parts of a reading
    cpu: float = 50,
    memory: int = 1000,
    gpus: tuple[GpuReading, ...] | None = (),
    *,
    ollama_cpu: float | None = None,
    frequency: float | None = None,
    swap: int = 0,
) -> Reading:
    """Return a reading built from the sampler's own classes, so that the names match. The RAM is 100 bytes."""
    return Reading(
        host="h",
        cpu=CpuReading(cpu, (cpu,), frequency, None),
        memory=MemoryReading(100, 1, 1, swap),
        ollama=OllamaReading(1, ollama_cpu, memory),
        gpus=gpus,
        energy=EnergyReading(None),
    )


def usage(redis: Redis, host: str, start: int, end: int) -> Usage:
    """Return the usage by the readings that arrived in a window."""
    return of_readings(telemetry.read(redis, host, start, end).within(start, end))


UNKNOWN = Reading("h", None, None, None, None, EnergyReading(None))


def publish(redis: Redis, *readings: Reading) -> list[int]:
    return [streams.append(redis, sample.message(), readings_of("h"), keep=1000) for sample in readings]


def test_a_window_holds_the_readings_published_in_it(redis: Redis) -> None:
    publish(redis, reading(cpu=1))
    start, *_, end = publish(redis, reading(cpu=10), reading(cpu=20), reading(cpu=60))
    publish(redis, reading(cpu=99))
    found = usage(redis, "h", start, end)
    assert (found.readings, found.ram, found.vram, found.cpu, found.gpu) == (3, 1000, None, 30, None)


def test_the_window_is_on_the_clock_of_redis(redis: Redis) -> None:
    start = clock_ms(redis)
    publish(redis, reading(), reading())
    assert usage(redis, "h", start, clock_ms(redis) + 1).readings == 2


def test_usage_is_unknown_without_readings(redis: Redis) -> None:
    publish(redis, reading())
    assert usage(redis, "another", 0, clock_ms(redis)) == Usage(0, None, None, None, None)


def test_unknown_values_are_left_out_of_the_mean(redis: Redis) -> None:
    start, *_, end = publish(redis, UNKNOWN, reading(cpu=40, memory=500), UNKNOWN)
    found = usage(redis, "h", start, end)
    assert found == Usage(3, ram=500, vram=None, cpu=40, gpu=None, swap_first=0, swap_last=0, swap_share=0)


def test_gpu_memory_is_added_up_and_utilisation_averaged(redis: Redis) -> None:
    two = (gpu(100, 7), gpu(0, 3))
    start, *_, end = publish(redis, reading(gpus=two), reading(gpus=(gpu(None, None), gpu(20, 20))), reading(gpus=None))
    found = usage(redis, "h", start, end)
    assert (found.vram, found.gpu, found.busiest_gpu) == (15, 35, 60)


def shared(utilization_foreign: int | None, memory_used: int | None, memory_ollama: int | None) -> GpuReading:
    return replace(gpu(memory_ollama=memory_ollama), memory_used=memory_used, utilization_foreign=utilization_foreign)


def test_foreign_use_is_the_maximum_and_foreign_memory_the_sum(redis: Redis) -> None:
    start, *_, end = publish(
        redis,
        reading(gpus=(shared(30, 10, 4), shared(10, 5, 5))),
        reading(gpus=(shared(20, 8, 5), shared(None, 9, None))),
        reading(gpus=(shared(None, None, 5),)),
        reading(gpus=None),
    )
    found = usage(redis, "h", start, end)
    assert (found.foreign_gpu, found.foreign_vram) == (25, 4.5)


def test_cpu_usage_of_other_programs_is_foreign(redis: Redis) -> None:
    start, *_, end = publish(
        redis,
        reading(cpu=90, ollama_cpu=50),
        reading(cpu=10, ollama_cpu=10.5),
        reading(cpu=99),  # its share is unknown
        replace(reading(cpu=99), ollama=None),  # Ollama is not seen, so it may be all of it
        UNKNOWN,
    )
    assert usage(redis, "h", start, end).foreign == pytest.approx(19.75)


def test_the_frequency_is_a_mean(redis: Redis) -> None:
    start, *_, end = publish(redis, reading(frequency=4000), reading(), reading(frequency=3000))
    assert usage(redis, "h", start, end).frequency == 3500


def test_a_reason_counts_once_a_reading(redis: Redis) -> None:
    hot, slow = gpu(throttle=("hardware thermal",)), gpu(throttle=("hardware thermal", "power cap"))
    start, *_, end = publish(redis, reading(gpus=(hot, slow)), reading(gpus=(hot, gpu())), reading(gpus=(gpu(),)))
    assert usage(redis, "h", start, end).throttle == {"hardware thermal": 2, "power cap": 1}


@pytest.mark.parametrize(("throttle", "known"), [((), {}), (None, None)])
def test_a_gpu_without_throttling_differs_from_an_unknown_one(
    redis: Redis, throttle: tuple[str, ...] | None, known: dict[str, int] | None
) -> None:
    (at,) = publish(redis, reading(gpus=(gpu(throttle=throttle),)))
    assert usage(redis, "h", at, at).throttle == known


def test_swap_has_first_last_and_maximum(redis: Redis) -> None:
    start, *_, end = publish(redis, UNKNOWN, reading(swap=5), reading(swap=30), reading(swap=20), UNKNOWN)
    found = usage(redis, "h", start, end)
    assert (found.swap_first, found.swap_last, found.swap_share) == (5, 20, 30)


def test_the_share_of_readings_on_battery_leaves_out_what_is_unknown(redis: Redis) -> None:
    powers = (
        BatteryReading(plugged=True, percent=80),
        BatteryReading(plugged=False, percent=70),
        BatteryReading(plugged=None, percent=60),
    )
    start, *_, end = publish(redis, *(replace(reading(), battery=power) for power in (*powers, None)))
    found = usage(redis, "h", start, end)
    assert (found.on_battery, found.charge) == (50, 70)


def test_a_machine_on_mains_power_differs_from_an_unknown_one(redis: Redis) -> None:
    plugged, desktop = publish(redis, replace(reading(), battery=BatteryReading(plugged=True, percent=None)), reading())
    assert usage(redis, "h", plugged, plugged).on_battery == 0
    assert usage(redis, "h", desktop, desktop).on_battery is None


def test_the_busiest_of_all_readings_are_named_with_their_mean_shares(redis: Redis) -> None:
    def busy(**shares: float) -> Reading:
        return replace(reading(), busiest=tuple(ProcessUsage(name, share) for name, share in shares.items()))

    start, *_, end = publish(redis, busy(a=30, b=20, c=9), busy(a=10, d=8, c=6), busy(), reading())
    assert usage(redis, "h", start, end).busiest == {"a": 40 / 3, "b": 20 / 3, "c": 5}


def test_a_machine_without_busy_processes_differs_from_an_unknown_one(redis: Redis) -> None:
    idle, first = publish(redis, replace(reading(), busiest=()), reading())
    assert usage(redis, "h", idle, idle).busiest == {}
    assert usage(redis, "h", first, first).busiest is None


# Several windows


def test_combined_means_are_weighted_by_readings() -> None:
    few = Usage(1, ram=100, vram=None, cpu=10, gpu=None, foreign=8, frequency=1000)
    many = Usage(3, ram=200, vram=8, cpu=None, gpu=None, foreign=4)
    none = Usage(0, None, None, None, None)
    combined = Usage(4, ram=175, vram=8, cpu=10, gpu=None, foreign=5, frequency=1000)
    assert Usage.combine([few, many, none]) == combined
    assert Usage.combine([]) == none


def test_combined_usage_spans_all_windows_and_adds_up_counts() -> None:
    def window(throttle: dict[str, int] | None, *swap: int) -> Usage:
        first, last, share = swap or (None, None, None)
        return Usage(2, None, None, None, None, throttle=throttle, swap_first=first, swap_last=last, swap_share=share)

    found = Usage.combine([window(None), window({"a": 1}, 1, 9, 9), window({"a": 2, "b": 1}, 4, 5, 5), window({})])
    assert (found.throttle, found.swap_first, found.swap_last, found.swap_share) == ({"a": 3, "b": 1}, 1, 5, 9)


def test_combined_busiest_are_weighted_by_readings() -> None:
    def window(readings: int, busiest: dict[str, float] | None) -> Usage:
        return Usage(readings, None, None, None, None, busiest=busiest)

    found = Usage.combine([window(1, {"a": 40, "b": 8}), window(3, {"b": 4, "c": 8, "d": 1}), window(9, None)])
    assert found.busiest == {"a": 10, "c": 6, "b": 5}
    assert list(found.busiest) == ["a", "c", "b"]


def test_a_stored_usage_is_restored(redis: Redis) -> None:
    start, end = publish(redis, reading(gpus=(gpu(50, 1, ("power cap",)),), swap=3), reading())
    found = usage(redis, "h", start, end)
    assert Usage(**json.loads(json.dumps(found.describe()))) == found
