import random
from typing import Any

import pytest

from api.live.websocket.downsampling import Downsampler, Downsamplers, with_own_extremes
from api.live.websocket.hub import Message
from testbed.stored.readings import MB, reading


def message(seq: int, percent: float = 10.0, **changed: Any) -> Message:
    return Message(seq, {"seq": seq, "at": "2026-03-01T12:00:00.000Z", **reading(percent, **changed)})


def downsampled(downsampler: Downsampler, *messages: Message) -> list[dict[str, Any]]:
    return [sent.body for sent in map(downsampler.add, messages) if sent is not None]


def test_extremes_cover_all_readings_since_the_previous_message() -> None:
    downsampler = Downsampler(hz=2)
    first, second = downsampled(
        downsampler, message(1000, 10), message(1100, 99), message(1200, 5), message(1500, 20), message(1600, 70)
    )
    assert first["cpu"]["percent"] == first["min"]["cpu"]["percent"] == first["max"]["cpu"]["percent"] == 10
    assert second["seq"] == 1500
    assert second["cpu"]["percent"] == 20
    assert (second["min"]["cpu"]["percent"], second["max"]["cpu"]["percent"]) == (5, 99)
    assert (second["min"]["cpu"]["perCore"], second["max"]["cpu"]["perCore"]) == ([5], [99])
    [third] = downsampled(downsampler, message(2000, 30))
    assert (third["min"]["cpu"]["percent"], third["max"]["cpu"]["percent"]) == (30, 70)


def test_extremes_have_only_the_readings_numbers() -> None:
    gpus = [{"index": 0, "name": "GPU", "utilization": 7, "power": None, "throttle": ["power"]}]
    busiest = [{"name": "other", "cpu": 1.0}]
    [sent] = downsampled(Downsampler(hz=1), message(1000, 10, gpus=gpus, busiest=busiest))
    assert sent["min"] == {
        "cpu": {"percent": 10, "perCore": [10], "frequency": None, "temperature": None},
        "memory": {"total": 32_000 * MB, "used": 8_000 * MB, "available": 24_000 * MB, "swapUsed": 0},
        "ollama": {"processes": 2, "cpu": 11, "memory": 700 * MB},
        "gpus": [{"index": 0, "utilization": 7, "power": None}],
        "energy": {"package": 12.34},
        "battery": {"percent": 80},
    }
    assert sent.keys() == message(1000).body.keys() | {"min", "max"}


def test_a_value_missing_in_one_reading_comes_from_others() -> None:
    gpus = [{"index": 0, "power": 300.0}, {"index": 1, "power": 20.0}]
    ollama = {"processes": 2, "cpu": 50.0, "memory": 7}
    sent = downsampled(
        Downsampler(hz=1),
        message(0, ollama=None),
        message(500, gpus=gpus, ollama=ollama),
        message(700, ollama=None, cpu=None),
        message(1000, ollama=None),
    )
    assert sent[1]["ollama"] is None
    assert sent[1]["max"]["ollama"] == sent[1]["min"]["ollama"] == ollama
    assert [gpu["power"] for gpu in sent[1]["max"]["gpus"]] == [300, 20]
    assert sent[1]["max"]["cpu"]["percent"] == 10


def test_each_host_has_its_own_rate() -> None:
    messages = [message(0), message(1, host="other"), message(500), message(501, host="other")]
    assert [sent["host"] for sent in downsampled(Downsampler(hz=1), *messages)] == ["local", "other"]


@pytest.mark.parametrize("hz", [1, 5, 10])
def test_jitter_does_not_change_the_rate(hz: int) -> None:
    jitter = random.Random(1)
    messages = [message(number * 100 + jitter.randrange(40)) for number in range(600)]
    sent = downsampled(Downsampler(hz), *messages)
    assert 59 * hz <= len(sent) <= 60 * hz
    for second in range(60):
        assert sum(second * 1000 <= one["seq"] < second * 1000 + 1000 for one in sent) <= hz + 1


def test_messages_are_not_made_up_after_a_gap() -> None:
    sent = downsampled(Downsampler(hz=1), message(0), *(message(60_000 + 100 * number) for number in range(10)))
    assert [one["seq"] for one in sent] == [0, 60_000]


def test_clients_of_one_rate_share_a_downsampler_and_its_messages() -> None:
    downsamplers = Downsamplers()
    with downsamplers.at(2) as one, downsamplers.at(2) as same, downsamplers.at(1) as other:
        assert one is same
        assert one is not other
        for sent in [message(0), message(100, 99), message(600, 5)]:
            assert one.add(sent) is same.add(sent)
            other.add(sent)
        [later] = downsampled(other, message(1000, 10))
        assert (later["min"]["cpu"]["percent"], later["max"]["cpu"]["percent"]) == (5, 99)


def test_a_downsampler_is_removed_with_its_last_client() -> None:
    downsamplers = Downsamplers()
    with downsamplers.at(1) as first:
        with downsamplers.at(1):
            downsampled(first, message(0), message(500, 99))
        with downsamplers.at(1) as again:
            assert again is first
    with downsamplers.at(1) as new:
        [sent] = downsampled(new, message(3_600_000, 10))
    assert sent["max"]["cpu"]["percent"] == 10  # unfollowed readings do not count


def test_a_single_reading_has_its_own_extremes() -> None:
    [first] = downsampled(Downsampler(hz=1), message(1000, 10))
    assert with_own_extremes(message(1000, 10)).body == first
