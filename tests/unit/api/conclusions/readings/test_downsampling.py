"""Reduction of readings, which loses no spike and no gap with any number of buckets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.conclusions.readings.downsampling import Chart
from common.records.series import Channel, Series

CPU = Channel("cpu", "%", 1.0)
ENERGY = Channel("energy", "J", 1.0, gpu=0)
THROTTLE = Channel("throttle", "words", None, gpu=0)

columns = st.lists(st.none() | st.integers(-1000, 1000), min_size=1, max_size=60)


def chart(points: int, *chunks: Series, start: int = 0, end: int = 5999) -> dict[str, Any]:
    made = Chart(start, end, points)
    for chunk in chunks:
        made.add(chunk)
    return made.document()


def of_cpu(*values: int | None, start: int = 0) -> Series:
    return Series([start + 100 * number for number in range(len(values))], {CPU: list(values)}, {})


def test_few_readings_stay_unchanged() -> None:
    described = chart(4, of_cpu(1, None), Series([200, 300], {ENERGY: [5, 6]}, {THROTTLE: [(), ("heat",)]}))
    assert described == {
        "hz": 10.0,
        "thinned": False,
        "bucket": None,
        "at": [0, 100, 200, 300],
        "series": [
            {"name": "cpu", "unit": "%", "gpu": None, "resolution": 1.0, "plain": [1, None, None, None]},
            {"name": "energy", "unit": "J", "gpu": 0, "resolution": 1.0, "plain": [None, None, 5, 6]},
            {
                "name": "throttle",
                "unit": "words",
                "gpu": 0,
                "resolution": None,
                "plain": [None, None, (), ("heat",)],
            },
        ],
    }


def test_many_readings_are_reduced_to_equal_buckets() -> None:
    energy = Series([100 * number for number in range(6)], {ENERGY: [1, 2, 3, None, 5, None]}, {})
    described = chart(2, of_cpu(1, 9, 2, None, 4, 6), energy, end=599)
    assert (described["thinned"], described["bucket"], described["at"]) == (True, 300, [0, 300])
    cpu, counter = described["series"]
    assert (cpu["min"], cpu["max"], cpu["mean"]) == ([1, 4], [9, 6], [4.0, 5.0])
    assert "plain" not in cpu
    assert counter["plain"] == [3, 5]


def test_a_bucket_has_all_words_of_its_readings() -> None:
    words: list[tuple[str, ...] | None] = [("heat",), (), ("power",), None, None, ()]
    [throttle] = chart(3, Series([0, 100, 200, 300, 400, 500], {}, {THROTTLE: words}), end=899)["series"]
    assert throttle["plain"] == [("heat", "power"), (), None]


def test_a_time_without_readings_is_a_gap() -> None:
    described = chart(3, of_cpu(1, 2, 3), of_cpu(4, 5, start=700), end=899)
    assert described["at"] == [0, 300, 600]
    assert described["series"][0]["mean"] == [2.0, None, 4.5]


@given(columns, st.integers(1, 70), st.integers(1, 10))
def test_extremes_are_kept(column: list[int | None], points: int, length: int) -> None:
    chunks = [of_cpu(*column[first : first + length], start=100 * first) for first in range(0, len(column), length)]
    described = chart(points, *chunks, end=100 * len(column) - 1)
    assert described["thinned"] == (len(column) > points)
    assert len(described["at"]) <= points
    (series,) = described["series"]
    known = [value for value in column if value is not None]
    low, high = (series["min"], series["max"]) if described["thinned"] else (series["plain"], series["plain"])
    assert min((value for value in low if value is not None), default=None) == min(known, default=None)
    assert max((value for value in high if value is not None), default=None) == max(known, default=None)
    for name in ("min", "max", "mean", "plain"):
        assert len(series.get(name, described["at"])) == len(described["at"])


@pytest.mark.parametrize("place", [0, 2999, 5999])
def test_a_spike_in_six_thousand_readings_is_kept(place: int) -> None:
    values = [10] * 6000
    values[place] = 99
    described = chart(100, of_cpu(*values), end=599_999)
    assert [number for number, most in enumerate(described["series"][0]["max"]) if most == 99] == [place // 60]


def test_one_reading_has_no_rate() -> None:
    assert chart(1, of_cpu(1))["hz"] is None
    assert chart(1)["at"] == []
