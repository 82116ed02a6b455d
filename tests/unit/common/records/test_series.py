"""The codec of stored readings, which keeps every value to the resolution of its channel."""

import zlib
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.records.series import BadSeries, Channel, Series, decode, encode

Value = TypeVar("Value")

CPU = Channel("cpu", "%", 0.1)
RAM = Channel("ramUsed", "bytes", 65_536.0)
CLOCK = Channel("smClock", "MHz", 1.0, gpu=1)
THROTTLE = Channel("throttle", "words", None, gpu=1)
MAX_STEPS = 2**53 - 1

steps = st.none() | st.integers(-MAX_STEPS, MAX_STEPS) | st.integers(-3, 3)
words = st.none() | st.lists(st.sampled_from(["power", "heat", "☃"]), max_size=3).map(tuple)


@st.composite
def some_series(draw: st.DrawFn) -> Series:
    at = sorted(draw(st.sets(st.integers(0, 2**45), max_size=40)))

    def each(values: st.SearchStrategy[Value]) -> st.SearchStrategy[list[Value]]:
        return st.lists(values, min_size=len(at), max_size=len(at))

    channels = draw(st.sets(st.sampled_from([CPU, RAM, CLOCK])))
    throttle = {THROTTLE: draw(each(words))} if draw(st.booleans()) else {}
    return Series(at, {channel: draw(each(steps)) for channel in channels}, throttle)


@given(some_series())
def test_an_encoded_series_is_decoded(series: Series) -> None:
    assert decode(encode(series)) == series


@given(st.sampled_from([CPU, RAM, CLOCK]), st.floats(-1e12, 1e12))
def test_a_value_is_stored_with_its_channels_resolution(channel: Channel, value: float) -> None:
    stored = channel.value(channel.scaled(value))
    assert channel.step
    assert stored is not None
    assert abs(stored - value) <= channel.step / 2 * (1 + 1e-9) + abs(value) * 1e-12


@pytest.mark.parametrize("value", [None, "12", [1], float("nan"), float("inf"), 1e300])
def test_a_value_that_is_not_a_number_is_unknown(value: object) -> None:
    assert CPU.scaled(value) is None
    assert THROTTLE.scaled(7) is None


def test_values_are_read_as_they_were_written() -> None:
    assert CPU.value(CPU.scaled(12.3)) == 12.3
    ram = RAM.value(RAM.scaled(8 * 2**30))
    assert (ram, type(ram)) == (8 * 2**30, int)
    assert CPU.value(None) is None


def read(stored: bytes) -> Series | None:
    """Return the series, or None if it is reported as damaged."""
    try:
        return decode(stored)
    except BadSeries:
        return None


@given(some_series(), st.data())
def test_damaged_bytes_are_never_decoded_as_another_series(series: Series, data: st.DataObject) -> None:
    stored = bytearray(encode(series))
    index = data.draw(st.integers(3, len(stored) - 1))
    stored[index] ^= data.draw(st.integers(1, 255))
    assert read(bytes(stored)) in (None, series)  # a padding bit does not matter
    assert read(bytes(stored[:index])) is None


@pytest.mark.parametrize(
    "plain", [b"", b"\0\0\0\2{}", b"\0\0\0\2[]", b"\0\0\0\1", b"\xff" * 9, b'\0\0\0\x19{"readings":1,"columns":[]}']
)
def test_bytes_that_are_not_a_series_are_refused(plain: bytes) -> None:
    with pytest.raises(BadSeries, match="damaged"):
        decode(b"\1" + zlib.compress(plain))


@pytest.mark.parametrize("stored", [b"", b"\2" + encode(Series([], {}, {}))[1:]])
def test_another_version_is_refused_with_advice(stored: bytes) -> None:
    with pytest.raises(BadSeries, match=r"this release reads 1\. Update it"):
        decode(stored)


def test_a_cut_includes_both_ends() -> None:
    series = Series([10, 20, 30], {CPU: [1, None, 3]}, {THROTTLE: [(), None, ("heat",)]})
    assert series.cut(20, 30) == Series([20, 30], {CPU: [None, 3]}, {THROTTLE: [None, ("heat",)]})
    assert series.cut(0, 99) is series
    assert series.cut(31, 99).at == []


def test_ten_minutes_of_changing_values_need_little_space() -> None:
    changing: list[int | None] = [(number * 7919) % 1000 for number in range(6000)]
    series = Series([100 * number for number in range(6000)], dict.fromkeys([CPU, RAM, CLOCK], changing), {})
    assert len(encode(series)) < 100_000
