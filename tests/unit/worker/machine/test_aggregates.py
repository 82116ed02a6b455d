import json
from typing import Any

import pytest

from tests.support.timelines import card, taken, timeline
from worker.machine.aggregates import MEASURES, energy_of, highest, joined, mean_of, observe, peaks
from worker.machine.energy import Energy

MEASURED = {**dict.fromkeys(MEASURES), "energy": None}

GPUS = [
    (
        card(0, utilization=80, temperature=60, power=100, sm_clock=1500),
        card(1, utilization=20, temperature=70, power=50),
    ),
    (card(0, utilization=100, temperature=62, power=120, sm_clock=1400),),
]
READINGS = timeline(
    [
        taken(cpu=99, memory=9000),
        taken(*GPUS[0], cpu=10, frequency=4000, memory=1000),
        taken(*GPUS[1], cpu=30, frequency=3000, memory=2000),
        taken(cpu=98, memory=9000),
    ]
)


def test_a_phase_has_means_and_peaks_of_the_readings_that_lie_in_it() -> None:
    found = observe(READINGS, [(0, 200)])
    assert (found["readings"], found["duration"]) == (2, 200)
    assert {name: found[name] for name in MEASURES} == {
        "cpu": {"mean": 20, "peak": 30},
        "gpu": {"mean": 75, "peak": 100},
        "ram": {"mean": 1500, "peak": 2000},
        "vram": None,
        "gpuPower": {"mean": 135, "peak": 150},
        "gpuTemperature": {"mean": 66, "peak": 70},
        "smClock": {"mean": 1450, "peak": 1500},
        "cpuFrequency": {"mean": 3500, "peak": 4000},
        "cpuTemperature": None,
    }


def test_a_phase_shorter_than_two_readings_has_no_figure() -> None:
    assert observe(READINGS, [(100, 200)]) == {**MEASURED, "readings": 1, "duration": 100}
    assert observe(READINGS, [(130, 140)]) == {**MEASURED, "readings": 0, "duration": 10}


def test_peaks_are_of_all_readings() -> None:
    found = peaks(READINGS.taken(0, 400))
    assert (found["cpu"], found["ram"], found["gpuTemperature"], found["vram"]) == (99, 9000, 70, None)
    assert peaks([]) == dict.fromkeys(MEASURES)
    assert highest([found, {**found, "cpu": 100, "ram": None}, {}]) == {**found, "cpu": 100}


def seen(readings: int, mean: float | None, energy: Energy | None = None) -> dict[str, Any]:
    cpu = None if mean is None else {"mean": mean, "peak": mean + 1}
    told = {"readings": readings, "duration": 100.0 * readings, "cpu": cpu, "energy": energy and energy.describe()}
    return {**MEASURED, **told}


def used(gpu: float | None, cpu: float | None, source: Any = "counter") -> Energy:
    return Energy(gpu, cpu, source, 100)


def test_runs_are_joined_by_their_readings_and_energy_is_added_up() -> None:
    found = joined([seen(2, 10, used(1, 2)), seen(6, 50, used(3, 4, "power")), seen(1, None), seen(2, None)])
    assert found == {
        **MEASURED,
        "readings": 10,
        "duration": 1000,
        "cpu": {"mean": 40, "peak": 51},
        "energy": {"value": 10, "gpu": 4, "cpu": 6, "source": "power", "duration": 200},
    }


def test_only_what_all_runs_know_of_energy_is_added_up() -> None:
    def energy(*found: Energy | None) -> Any:
        told = joined([seen(2, 10, one) for one in found])
        return told and told["energy"]

    assert energy(used(1, None), used(3, 4)) == {
        "value": 4,
        "gpu": 4,
        "cpu": None,
        "source": "counter",
        "duration": 200,
    }
    assert energy(used(1, None), used(None, 4)) is None
    assert energy(None, None) is None


def test_a_phase_that_was_always_too_short_is_told_without_figures() -> None:
    assert joined([seen(1, None), seen(0, None)]) == seen(1, None)
    assert joined([]) is None


def test_a_mean_over_phases_is_weighted() -> None:
    assert mean_of([seen(2, 10), seen(6, 50), seen(9, None)], "cpu") == 40
    assert mean_of([seen(2, None)], "cpu") is None
    assert mean_of([], "cpu") is None


@pytest.mark.parametrize("energy", [None, used(1, None)])
def test_energy_is_read_again_as_it_was_stored(energy: Energy | None) -> None:
    assert energy_of(json.loads(json.dumps(seen(2, 10, energy)))) == energy
    assert energy_of(None) is None
