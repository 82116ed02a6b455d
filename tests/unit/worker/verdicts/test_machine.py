from typing import Any

import pytest

from common.records.usage import Usage
from worker.verdicts import Severity, machine

GIB = 1 << 30
MIB = 1 << 20


def usage(readings: int = 10, **known: Any) -> Usage:
    return Usage(**{"readings": readings, "ram": None, "vram": None, "cpu": None, "gpu": None, **known})


@pytest.mark.parametrize(
    ("known", "flagged"),
    [
        ({}, False),
        ({"foreign": 20.0, "busiest_gpu": 10.0}, False),
        ({"foreign": 20.1}, True),
        ({"busiest_gpu": 10.1}, True),
        ({"foreign": -1.0, "busiest_gpu": None}, False),
    ],
)
def test_load_before_the_test_is_flagged(known: dict[str, Any], *, flagged: bool) -> None:
    assert (machine.foreign_load(usage(**known)) is not None) == flagged


def test_load_before_the_test_is_evidence_in_percent() -> None:
    found = machine.foreign_load(usage(foreign=33.333))
    assert found is not None
    assert found.evidence == {"foreignCpu": 33.3, "gpu": None, "processes": None, "readings": 10}


def test_load_before_the_test_names_the_processes() -> None:
    found = machine.foreign_load(usage(foreign=50, busiest={"cc1": 29.96, "chrome": 8.04}))
    assert found is not None
    assert found.evidence["processes"] == {"cc1": 30.0, "chrome": 8.0}
    assert "processes cc1 30, chrome 8," in str(found)
    unnamed = machine.foreign_load(usage(foreign=50, busiest={}))
    assert unnamed is not None
    assert unnamed.evidence["processes"] is None


@pytest.mark.parametrize(
    ("known", "flagged"),
    [
        ({}, False),
        ({"foreign": 20.0, "foreign_gpu": 10.0, "foreign_vram": 5 * GIB}, False),
        ({"foreign": 20.1}, True),
        ({"foreign_gpu": 10.1}, True),
        ({"foreign": -1.0, "foreign_gpu": None}, False),
    ],
)
def test_load_during_the_runs_is_flagged(known: dict[str, Any], *, flagged: bool) -> None:
    assert (machine.foreign_load_during(usage(cpu=90.0, busiest_gpu=100, **known)) is not None) == flagged


def test_load_during_the_runs_has_foreign_vram_as_evidence() -> None:
    found = machine.foreign_load_during(usage(cpu=90.04, foreign_gpu=33.333, foreign_vram=GIB, busiest={"a": 9.0}))
    assert found is not None
    assert found.evidence == {
        "foreignCpu": None,
        "cpu": 90.0,
        "foreignGpu": 33.3,
        "foreignVram": GIB,
        "processes": {"a": 9.0},
        "readings": 10,
    }


@pytest.mark.parametrize(("throttle", "flagged"), [(None, False), ({}, False), ({"power cap": 1}, True)])
def test_any_reason_of_throttling_is_flagged(throttle: dict[str, int] | None, *, flagged: bool) -> None:
    assert (machine.throttled(usage(throttle=throttle)) is not None) == flagged


def test_throttling_has_the_share_of_each_reason_as_evidence() -> None:
    found = machine.throttled(usage(8, throttle={"power cap": 6, "hardware thermal": 1}))
    assert found is not None
    assert (found.severity, found.evidence) == (
        Severity.FLAGS,
        {"reasons": {"power cap": 75.0, "hardware thermal": 12.5}, "readings": 8},
    )


@pytest.mark.parametrize(("share", "flagged"), [(None, False), (0.0, False), (0.1, True), (100.0, True)])
def test_any_reading_on_battery_is_flagged(share: float | None, *, flagged: bool) -> None:
    assert (machine.on_battery(usage(on_battery=share)) is not None) == flagged


def test_the_charge_is_evidence_if_it_is_known() -> None:
    found, hidden = machine.on_battery(usage(on_battery=33.33, charge=71.25)), machine.on_battery(usage(on_battery=100))
    assert found is not None
    assert hidden is not None
    assert (found.severity, found.evidence) == (Severity.FLAGS, {"percent": 71.2, "onBattery": 33.3, "readings": 10})
    assert hidden.evidence["percent"] is None


@pytest.mark.parametrize(
    ("first", "last", "flagged"),
    [
        (usage(frequency=4000), usage(frequency=3400), False),
        (usage(frequency=4000), usage(frequency=3399), True),
        (usage(frequency=3000), usage(frequency=4000), False),
        (usage(4, frequency=4000), usage(frequency=2000), False),  # too few readings
        (usage(frequency=4000), usage(4, frequency=2000), False),
        (usage(), usage(frequency=2000), False),
        (usage(frequency=4000), usage(), False),
    ],
)
def test_processors_that_became_slower_are_flagged(first: Usage, last: Usage, *, flagged: bool) -> None:
    assert (machine.cpu_slowed(first, last) is not None) == flagged


def test_frequencies_are_evidence_in_megahertz() -> None:
    found = machine.cpu_slowed(usage(frequency=4000.4), usage(frequency=2000.6))
    assert found is not None
    assert found.evidence == {"first": 4000, "last": 2001}


@pytest.mark.parametrize(
    ("first", "last", "share", "flagged"),
    [
        (0, 64 * MIB, 1.0, False),
        (0, 65 * MIB, 1.0, True),
        (2 * GIB, 2 * GIB, 10.0, False),
        (2 * GIB, 2 * GIB, 10.1, True),
        (2 * GIB, 0, 9.0, False),
        (None, None, None, False),
    ],
)
def test_swapping_is_flagged(first: int | None, last: int | None, share: float | None, *, flagged: bool) -> None:
    assert (machine.swapping(usage(swap_first=first, swap_last=last, swap_share=share)) is not None) == flagged


def test_swapping_is_evidence_in_bytes() -> None:
    found = machine.swapping(usage(swap_first=MIB, swap_last=GIB, swap_share=12.34))
    assert found is not None
    assert found.evidence == {"swapUsed": GIB, "growth": GIB - MIB, "share": 12.3}


def test_a_missing_sampler_is_flagged() -> None:
    assert machine.no_readings().severity == Severity.FLAGS


@pytest.mark.parametrize(
    ("silence", "period", "flagged"),
    [(2000, 100, False), (2001, 100, True), (9000, 2000, False), (10_001, 2000, True), (60_000, None, False)],
)
def test_a_gap_in_the_readings_is_flagged_if_it_is_long_for_this_sampler(
    silence: float, period: float | None, *, flagged: bool
) -> None:
    verdict = machine.readings_gap(silence, period)
    assert (verdict is not None) == flagged
    assert verdict is None or (verdict.severity, verdict.evidence) == (Severity.FLAGS, {"gap": silence})
