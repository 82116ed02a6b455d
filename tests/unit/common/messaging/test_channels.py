from dataclasses import replace

from common.messaging import channels
from common.records.series import Channel, Series
from testbed.stored.readings import GPU, MB, READING, every, with_cpu, with_gpus


def values(series: Series, name: str, gpu: int | None = None) -> list[float | None]:
    [(channel, column)] = [found for found in series.numbers.items() if (found[0].name, found[0].gpu) == (name, gpu)]
    return [channel.value(steps) for steps in column]


def names(series: Series) -> set[tuple[str, int | None]]:
    return {(channel.name, channel.gpu) for channel in (*series.numbers, *series.words)}


def test_the_values_of_a_reading_are_stored() -> None:
    series = channels.series(every(100, [dict(READING.message())], start=1_700_000_000_000))
    assert series.at == [1_700_000_000_000]
    assert {channel.name: channel.value(column[0]) for channel, column in series.numbers.items()} == {
        "cpu": 12.5,
        "cpuFrequency": 3400,
        "cpuTemperature": 51.0,
        "ramUsed": 8_000 * MB,
        "ramAvailable": 24_000 * MB,
        "swapUsed": 0,
        "ollamaCpu": 11.0,
        "ollamaMemory": 700 * MB,
        "packageEnergy": 12.3,
        "batteryCharge": 80.0,
        "batteryPlugged": 1,
    }


def test_each_gpu_has_its_channels() -> None:
    other = replace(GPU, index=3, power=80.0, throttle=())
    series = channels.series(every(100, [with_gpus(GPU, other), with_gpus(other)]))
    assert values(series, "power", 0) == [251.3, None]
    assert values(series, "power", 3) == [80.0, 80.0]
    assert values(series, "energy", 0) == [1_000_000.5, None]
    throttle = {channel.gpu: column for channel, column in series.words.items()}
    assert throttle == {0: [("power",), None], 3: [(), ()]}
    assert {gpu for _, gpu in names(series)} == {None, 0, 3}


def test_newer_fields_of_a_reading_are_optional() -> None:
    newer = with_gpus(GPU)
    newer["gpus"] = [{**newer["gpus"][0], "memoryTemperature": 84, "pcieGeneration": 4}]
    series = channels.series(every(100, [with_gpus(GPU), newer]))
    assert values(series, "memoryTemperature", 0) == [None, 84.0]
    assert values(series, "pcieGeneration", 0) == [None, 4]


def test_a_value_that_is_never_known_is_no_channel() -> None:
    series = channels.series(every(100, [with_cpu(None), with_cpu(5.0), {"host": "local"}, {"gpus": None}]))
    assert values(series, "cpu") == [None, 5.0, None, None]
    assert ("cpuTemperature", None) not in names(series)
    assert channels.series([]) == Series([], {}, {})


def test_every_channel_has_a_unique_name() -> None:
    listed = [*(channel.name for channel in channels.MACHINE_CHANNELS), *channels.GPU_CHANNELS, channels.THROTTLE]
    assert len(set(listed)) == len(listed)
    assert all(isinstance(channel, Channel) and channel.step for channel in channels.MACHINE_CHANNELS)
