"""The arithmetic of energy, as it has to hold whatever the readings are, and what of a machine it is taken from."""

from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.readings import Reading
from tests.support.timelines import card, taken, timeline
from worker.machine.energy import Energy, Sample, counted, integral, over, per_token, spent
from worker.machine.readings import Window

ROUNDING = 1e-6
powers = st.floats(0, 1000)
steps = st.lists(st.integers(50, 150), min_size=3, max_size=20)
"""Milliseconds between readings that are meant to be 100 apart."""
shares = st.floats(0, 1)


def times(gaps: Sequence[int]) -> list[int]:
    return list(accumulate(gaps, initial=1000))


def inside(ats: Sequence[int], *measured_points: float) -> list[float]:
    """Times between the first and the last, and up to a period beyond it, in order."""
    return sorted(ats[0] + point_runs * (ats[-1] + 50 - ats[0]) for point_runs in measured_points)


@given(powers, steps, shares, shares)
def test_under_a_constant_power_both_tell_the_truth(watts: float, gaps: list[int], one: float, other: float) -> None:
    ats = times(gaps)
    start, end = inside(ats, one, other)
    truth = watts * (end - start) / 1000
    counter = [(at, 7 + watts * at / 1000) for at in ats]
    assert counted(counter, (start, end)) == pytest.approx(truth, abs=ROUNDING)
    assert integral([(at, watts) for at in ats], (start, end)) == pytest.approx(truth, abs=ROUNDING)


@given(steps, st.data(), shares, shares, shares)
def test_the_parts_of_a_window_add_up(
    gaps: list[int], data: st.DataObject, one: float, two: float, three: float
) -> None:
    ats = times(gaps)
    values = data.draw(st.lists(powers, min_size=len(ats), max_size=len(ats)))
    start, middle, end = inside(ats, one, two, three)
    for samples, known in (
        (list(zip(ats, accumulate(values), strict=True)), counted),
        (list(zip(ats, values, strict=True)), integral),
    ):
        whole = known(samples, (start, end))
        assert over([(start, middle), (middle, end)], samples, known) == pytest.approx(whole, abs=ROUNDING)


@given(steps, st.data())
def test_a_counter_that_went_back_tells_nothing_of_a_window_over_that(gaps: list[int], data: st.DataObject) -> None:
    ats = times(gaps)
    reset = data.draw(st.integers(1, len(ats) - 1))
    counter: list[Sample] = [(at, float(at)) for at in ats[:reset]]
    counter += [(at, float(at - ats[reset])) for at in ats[reset:]]
    assert counted(counter, (ats[0], ats[-1])) is None
    assert counted(counter, (ats[reset] - 1, ats[reset])) is None
    if reset > 1:
        assert counted(counter, (ats[0], ats[reset - 1])) == ats[reset - 1] - ats[0]
    if reset < len(ats) - 1:
        assert counted(counter, (ats[reset], ats[-1])) == ats[-1] - ats[reset]


RAMP = [(0.0, 0.0), (100.0, 10.0), (200.0, 40.0), (300.0, 40.0)]


@pytest.mark.parametrize(("known", "joules"), [(counted, 5 + 15), (integral, (7.5 * 50 + 17.5 * 50) / 1000)])
def test_edges_between_readings_are_interpolated(known: type, joules: float) -> None:
    assert known(RAMP, (50.0, 150.0)) == pytest.approx(joules)


@pytest.mark.parametrize("known", [counted, integral])
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
def test_what_readings_do_not_cover_is_not_known(known: type, samples: list[Sample], window: Window) -> None:
    assert known(samples, window) is None


def test_a_gap_elsewhere_does_not_matter() -> None:
    assert counted([*RAMP, (1400.0, 60.0)], (0.0, 300.0)) == 40


def test_one_window_that_is_not_known_leaves_the_sum_unknown() -> None:
    assert over([(0, 100), (100, 900)], RAMP, counted) is None
    assert over([], RAMP, counted) is None


# Of a machine

WHOLE = [(0.0, 400.0)]


def machine(*watts: float) -> list[Reading]:
    """Readings of cards that count energy, in which each takes so many watts."""
    cards = [[card(number, energy=power * step / 10) for number, power in enumerate(watts)] for step in range(5)]
    return [taken(*own) for own in cards]


def test_cards_and_packages_are_added_up() -> None:
    readings = [taken(*reading.gpus or (), package=20 * step / 10) for step, reading in enumerate(machine(100, 50))]
    found = spent(timeline(readings), WHOLE)
    assert found is not None
    assert (found.gpu, found.cpu, found.source, found.duration) == (60, 8, "counter", 400)
    assert (found.value, found.power) == (68, 170)


def test_a_card_without_a_counter_is_known_by_its_power() -> None:
    readings = [taken(card(0, energy=step), card(1, power=30), package=step) for step in range(5)]
    assert spent(timeline(readings), WHOLE) == Energy(gpu=16, cpu=4, source="power", duration=400)


def test_cards_of_two_makers_may_have_one_number() -> None:
    readings = [taken(card(0, name="A", energy=step), card(0, name="B", energy=100 + 2 * step)) for step in range(5)]
    assert spent(timeline(readings), WHOLE) == Energy(gpu=12, cpu=None, source="counter", duration=400)


def test_a_card_that_tells_nothing_is_left_out() -> None:
    readings = [taken(card(0, energy=step), card(1)) for step in range(5)]
    assert spent(timeline(readings), WHOLE) == Energy(gpu=4, cpu=None, source="counter", duration=400)


def test_a_card_whose_counter_began_anew_leaves_the_cards_unknown() -> None:
    readings = [taken(card(0, energy=step), card(1, energy=step % 3), package=step) for step in range(5)]
    assert spent(timeline(readings), WHOLE) == Energy(gpu=None, cpu=4, source="counter", duration=400)


def test_a_machine_that_tells_nothing_has_no_energy() -> None:
    assert spent(timeline([taken(card(), cpu=50)] * 5), WHOLE) is None
    assert spent(timeline([taken()] * 5), WHOLE) is None


def test_a_window_with_fewer_than_two_readings_has_none() -> None:
    readings = timeline(machine(100))
    assert spent(readings, [(100, 249)]) is None
    found = spent(readings, [(100, 251)])
    assert found is not None
    assert found.gpu == pytest.approx(15.1)
    assert spent(readings, []) is None


# Of a token


def used(gpu: float | None, cpu: float | None, duration: float = 1000) -> Energy:
    return Energy(gpu, cpu, "counter", duration)


def test_a_token_takes_its_share_and_what_the_idle_machine_takes_is_told_apart() -> None:
    idle = used(20, 10, 2000)  # 15 W
    assert per_token(used(60, 15, 500), idle, 10) == {"energyPerToken": 7.5, "energyPerTokenAboveIdle": 6.75}


@pytest.mark.parametrize("idle", [None, used(20, None), used(None, 10)])
def test_without_the_idle_power_of_the_same_devices_nothing_is_told_apart(idle: Energy | None) -> None:
    assert per_token(used(60, 15), idle, 10) == {"energyPerToken": 7.5, "energyPerTokenAboveIdle": None}


@pytest.mark.parametrize(("found", "tokens"), [(None, 10), (used(60, 15), 0)])
def test_without_energy_or_tokens_a_token_took_nobody_knows_what(found: Energy | None, tokens: int) -> None:
    assert set(per_token(found, used(20, 10), tokens).values()) == {None}
