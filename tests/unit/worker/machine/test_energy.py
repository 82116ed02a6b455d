"""Properties of the energy arithmetic for any readings, and the devices that it covers."""

from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.readings import Reading
from tests.support.machine.reading_windows import card, make_reading, reading_window
from worker.machine.energy import Energy, Sample, counter_increase, energy_in, integral, per_token, sum_over
from worker.machine.readings import Window

ROUNDING = 1e-6
powers = st.floats(0, 1000)
steps = st.lists(st.integers(50, 150), min_size=3, max_size=20)
"""Milliseconds between readings with a period of 100 ms."""
shares = st.floats(0, 1)


def times(gaps: Sequence[int]) -> list[int]:
    return list(accumulate(gaps, initial=1000))


def inside(ats: Sequence[int], *shares: float) -> list[float]:
    """Return times from the first to half a period after the last, in order."""
    return sorted(ats[0] + share * (ats[-1] + 50 - ats[0]) for share in shares)


@given(powers, steps, shares, shares)
def test_both_methods_are_exact_for_a_constant_power(watts: float, gaps: list[int], one: float, other: float) -> None:
    ats = times(gaps)
    start, end = inside(ats, one, other)
    truth = watts * (end - start) / 1000
    counter = [(at, 7 + watts * at / 1000) for at in ats]
    assert counter_increase(counter, (start, end)) == pytest.approx(truth, abs=ROUNDING)
    assert integral([(at, watts) for at in ats], (start, end)) == pytest.approx(truth, abs=ROUNDING)


@given(steps, st.data(), shares, shares, shares)
def test_the_parts_of_a_window_add_up(
    gaps: list[int], data: st.DataObject, one: float, two: float, three: float
) -> None:
    ats = times(gaps)
    values = data.draw(st.lists(powers, min_size=len(ats), max_size=len(ats)))
    start, middle, end = inside(ats, one, two, three)
    for samples, known in (
        (list(zip(ats, accumulate(values), strict=True)), counter_increase),
        (list(zip(ats, values, strict=True)), integral),
    ):
        whole = known(samples, (start, end))
        assert sum_over([(start, middle), (middle, end)], samples, known) == pytest.approx(whole, abs=ROUNDING)


@given(steps, st.data())
def test_an_increase_across_a_counter_reset_is_unknown(gaps: list[int], data: st.DataObject) -> None:
    ats = times(gaps)
    reset = data.draw(st.integers(1, len(ats) - 1))
    counter: list[Sample] = [(at, float(at)) for at in ats[:reset]]
    counter += [(at, float(at - ats[reset])) for at in ats[reset:]]
    assert counter_increase(counter, (ats[0], ats[-1])) is None
    assert counter_increase(counter, (ats[reset] - 1, ats[reset])) is None
    if reset > 1:
        assert counter_increase(counter, (ats[0], ats[reset - 1])) == ats[reset - 1] - ats[0]
    if reset < len(ats) - 1:
        assert counter_increase(counter, (ats[reset], ats[-1])) == ats[-1] - ats[reset]


RAMP = [(0.0, 0.0), (100.0, 10.0), (200.0, 40.0), (300.0, 40.0)]


@pytest.mark.parametrize(("known", "joules"), [(counter_increase, 5 + 15), (integral, (7.5 * 50 + 17.5 * 50) / 1000)])
def test_edges_between_readings_are_interpolated(known: type, joules: float) -> None:
    assert known(RAMP, (50.0, 150.0)) == pytest.approx(joules)


@pytest.mark.parametrize("known", [counter_increase, integral])
@pytest.mark.parametrize(
    ("samples", "window"),
    [
        ([], (0.0, 100.0)),
        (RAMP[:1], (0.0, 100.0)),
        (RAMP, (0.0, 601.0)),  # the sampler is gone
        (RAMP, (-301.0, 200.0)),
        ([*RAMP, (1400.0, 60.0), (1500.0, 70.0)], (200.0, 1500.0)),  # it was away
    ],
)
def test_a_window_that_readings_do_not_cover_is_unknown(known: type, samples: list[Sample], window: Window) -> None:
    assert known(samples, window) is None


def test_a_gap_elsewhere_does_not_matter() -> None:
    assert counter_increase([*RAMP, (1400.0, 60.0)], (0.0, 300.0)) == 40


def test_one_unknown_window_makes_the_sum_unknown() -> None:
    assert sum_over([(0, 100), (100, 900)], RAMP, counter_increase) is None
    assert sum_over([], RAMP, counter_increase) is None


# Energy of a machine

WHOLE = [(0.0, 400.0)]


def machine(*watts: float) -> list[Reading]:
    """Return readings of GPUs with energy counters, each at a constant power in watts."""
    cards = [[card(number, energy=power * step / 10) for number, power in enumerate(watts)] for step in range(5)]
    return [make_reading(*own) for own in cards]


def test_gpus_and_packages_are_added_up() -> None:
    readings = [
        make_reading(*reading.gpus or (), package=20 * step / 10) for step, reading in enumerate(machine(100, 50))
    ]
    found = energy_in(reading_window(readings), WHOLE)
    assert found is not None
    assert (found.gpu, found.cpu, found.source, found.duration) == (60, 8, "counter", 400)
    assert (found.value, found.power) == (68, 170)


def test_the_energy_of_a_gpu_without_a_counter_is_the_integral_of_its_power() -> None:
    readings = [make_reading(card(0, energy=step), card(1, power=30), package=step) for step in range(5)]
    found = energy_in(reading_window(readings, [0, 2500, 5000, 7500, 10_000]), [(0, 10_000)])
    assert found == Energy(gpu=304, cpu=4, source="power", duration=10_000)


def test_a_power_shows_no_energy_of_a_short_time() -> None:
    readings = [make_reading(card(power=30), package=step) for step in range(5)]
    assert energy_in(reading_window(readings), WHOLE) == Energy(gpu=None, cpu=4, source="counter", duration=400)


def test_gpus_of_two_vendors_may_share_an_index() -> None:
    readings = [
        make_reading(card(0, name="A", energy=step), card(0, name="B", energy=100 + 2 * step)) for step in range(5)
    ]
    assert energy_in(reading_window(readings), WHOLE) == Energy(gpu=12, cpu=None, source="counter", duration=400)


def test_a_gpu_that_reports_no_energy_is_left_out() -> None:
    readings = [make_reading(card(0, energy=step), card(1)) for step in range(5)]
    assert energy_in(reading_window(readings), WHOLE) == Energy(gpu=4, cpu=None, source="counter", duration=400)


def test_a_reset_counter_makes_the_energy_of_the_gpus_unknown() -> None:
    readings = [make_reading(card(0, energy=step), card(1, energy=step % 3), package=step) for step in range(5)]
    assert energy_in(reading_window(readings), WHOLE) == Energy(gpu=None, cpu=4, source="counter", duration=400)


def test_a_counter_that_stands_still_reports_no_energy() -> None:
    still = [make_reading(card(energy=7), package=0)] * 5
    assert energy_in(reading_window(still), WHOLE) is None
    beside = [make_reading(card(energy=step), package=0) for step in range(5)]
    assert energy_in(reading_window(beside), WHOLE) == Energy(gpu=4, cpu=None, source="counter", duration=400)


def test_a_machine_that_reports_no_energy_has_none() -> None:
    assert energy_in(reading_window([make_reading(card(), cpu=50)] * 5), WHOLE) is None
    assert energy_in(reading_window([make_reading()] * 5), WHOLE) is None


def test_a_window_with_fewer_than_two_readings_has_no_energy() -> None:
    readings = reading_window(machine(100))
    assert energy_in(readings, [(100, 249)]) is None
    found = energy_in(readings, [(100, 251)])
    assert found is not None
    assert found.gpu == pytest.approx(15.1)
    assert energy_in(readings, []) is None


# Energy per token


def used(gpu: float | None, cpu: float | None, duration: float = 1000) -> Energy:
    return Energy(gpu, cpu, "counter", duration)


def test_energy_per_token_in_total_and_above_idle() -> None:
    idle, loaded = used(20, 10, 2000), used(20, 10)  # 15 W and 30 W
    assert per_token(used(60, 15, 500), idle, loaded, 10) == {
        "energyPerToken": 7.5,
        "energyPerTokenAboveIdle": 6.75,
        "energyPerTokenAboveLoaded": 6,
    }


@pytest.mark.parametrize("idle", [None, used(20, None), used(None, 10)])
def test_energy_above_idle_needs_the_same_devices(idle: Energy | None) -> None:
    found = per_token(used(60, 15), idle, idle, 10)
    assert found.pop("energyPerToken") == 7.5
    assert set(found.values()) == {None}


@pytest.mark.parametrize(("found", "tokens"), [(None, 10), (used(60, 15), 0)])
def test_energy_per_token_is_unknown_without_energy_or_tokens(found: Energy | None, tokens: int) -> None:
    assert set(per_token(found, used(20, 10), used(20, 10), tokens).values()) == {None}
