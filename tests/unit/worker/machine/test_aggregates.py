import json
from typing import Any

import pytest

from tests.support.machine.reading_windows import card, make_reading, reading_window
from worker.machine.aggregates import MEASURES, aggregate, combine, combine_peaks, peaks, stored_energy, weighted_mean
from worker.machine.energy import Energy

MEASURED: Any = {**dict.fromkeys(map(str, MEASURES)), "energy": None}

GPUS = [
    (
        card(0, utilization=80, temperature=60, power=100, sm_clock=1500),
        card(1, utilization=20, temperature=70, power=50),
    ),
    (card(0, utilization=100, temperature=62, power=120, sm_clock=1400),),
]
READINGS = reading_window(
    [
        make_reading(cpu=99, memory=9000),
        make_reading(*GPUS[0], cpu=10, frequency=4000, memory=1000),
        make_reading(*GPUS[1], cpu=30, frequency=3000, memory=2000),
        make_reading(cpu=98, memory=9000),
    ]
)


def test_a_phase_has_means_and_peaks_of_its_readings() -> None:
    found = aggregate(READINGS, [(0, 200)])
    assert (found["readings"], found["duration"]) == (2, 200)
    assert {str(name): found[name] for name in MEASURES} == {
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


def test_a_phase_with_fewer_than_two_readings_has_no_values() -> None:
    assert aggregate(READINGS, [(100, 200)]) == {**MEASURED, "readings": 1, "duration": 100}
    assert aggregate(READINGS, [(130, 140)]) == {**MEASURED, "readings": 0, "duration": 10}


def test_peaks_are_of_all_readings() -> None:
    found = peaks(READINGS.within(0, 400))
    assert (found["cpu"], found["ram"], found["gpuTemperature"], found["vram"]) == (99, 9000, 70, None)
    assert peaks([]) == dict.fromkeys(MEASURES)
    assert combine_peaks([found, {**found, "cpu": 100, "ram": None}, {}]) == {**found, "cpu": 100}


def aggregates(readings: int, mean: float | None, energy: Energy | None = None) -> Any:
    cpu = None if mean is None else {"mean": mean, "peak": mean + 1}
    known = {"readings": readings, "duration": 100.0 * readings, "cpu": cpu, "energy": energy and energy.record()}
    return {**MEASURED, **known}


def used(gpu: float | None, cpu: float | None, source: Any = "counter") -> Energy:
    return Energy(gpu, cpu, source, 100)


def test_combined_means_are_weighted_and_energy_is_added_up() -> None:
    found = combine(
        [
            aggregates(2, 10, used(1, 2)),
            aggregates(6, 50, used(3, 4, "power")),
            aggregates(1, None),
            aggregates(2, None),
        ]
    )
    assert found == {
        **MEASURED,
        "readings": 10,
        "duration": 1000,
        "cpu": {"mean": 40, "peak": 51},
        "energy": {"value": 10, "gpu": 4, "cpu": 6, "source": "power", "duration": 200},
    }


def test_energy_is_added_up_only_for_devices_known_in_all_runs() -> None:
    def energy(*found: Energy | None) -> Any:
        combined = combine([aggregates(2, 10, one) for one in found])
        return combined and combined["energy"]

    assert energy(used(1, None), used(3, 4)) == {
        "value": 4,
        "gpu": 4,
        "cpu": None,
        "source": "counter",
        "duration": 200,
    }
    assert energy(used(1, None), used(None, 4)) is None
    assert energy(None, None) is None


def test_a_phase_that_is_always_too_short_has_no_values() -> None:
    assert combine([aggregates(1, None), aggregates(0, None)]) == aggregates(1, None)
    assert combine([]) is None


def test_a_mean_over_phases_is_weighted() -> None:
    assert weighted_mean([aggregates(2, 10), aggregates(6, 50), aggregates(9, None)], "cpu") == 40
    assert weighted_mean([aggregates(2, None)], "cpu") is None
    assert weighted_mean([], "cpu") is None


@pytest.mark.parametrize("energy", [None, used(1, None)])
def test_stored_energy_is_restored(energy: Energy | None) -> None:
    assert stored_energy(json.loads(json.dumps(aggregates(2, 10, energy)))) == energy
    assert stored_energy(None) is None
