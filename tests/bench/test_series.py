import re

from bench import series
from common.messaging import channels
from common.telemetry.series import encode
from testbed.readings import every, with_cpu

MINUTE = every(100, [with_cpu(float(number % 17)) for number in range(600)], start=1_795_461_287_786)


def test_what_is_stored_is_scaled_to_ten_minutes() -> None:
    stretches = [encode(channels.series(MINUTE[:300])), encode(channels.series(MINUTE[300:]))]
    told = series.stored(stretches)
    assert told.startswith("600 true readings of 9 channels in 60 s: ")
    size = sum(map(len, stretches))
    assert f"{size} bytes in 2 stretches" in told
    assert f"{size / 100:.0f} kB" in told


def test_a_gpu_adds_its_channels() -> None:
    found = channels.series(series.beside_gpus(MINUTE, 2))
    assert {channel.gpu for channel in found.words} == {0, 1}
    names = {channel.name for channel in found.numbers if channel.gpu == 1}
    assert names == set(channels.OF_A_GPU)
    assert re.search(r"adds \d{4,} bytes", series.with_gpus(MINUTE))


def test_an_hour_is_charted() -> None:
    assert series.hour(MINUTE, "of a test").startswith("36000 readings of a test: ")
