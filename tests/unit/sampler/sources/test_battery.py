from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from sampler.gpu.gpus import NoGpus
from sampler.machine import Machine
from sampler.readings import BatteryReading
from sampler.sources.battery import BatterySource
from sampler.tolerant_read import TolerantReads


def supply(root: Path, supply: str, **files: str) -> Path:
    directory = root / "sys/class/power_supply" / supply
    directory.mkdir(parents=True)
    for name, content in files.items():
        (directory / name).write_text(f"{content}\n")
    return directory


def battery(root: Path, status: str, capacity: str = "80", name: str = "BAT0") -> Path:
    return supply(root, name, type="Battery", status=status, capacity=capacity)


@pytest.mark.parametrize(
    ("status", "plugged"),
    [("Discharging", False), ("Charging", True), ("Full", True), ("Not charging", True), ("Unknown", None)],
)
def test_a_battery_without_adapter_is_evaluated_by_its_status(
    tmp_path: Path, status: str, *, plugged: bool | None
) -> None:
    battery(tmp_path, status)
    assert BatterySource(tmp_path).read() == BatteryReading(plugged, 80)


@pytest.mark.parametrize(("online", "plugged"), [("1", True), ("0", False)])
@pytest.mark.parametrize("kind", ["Mains", "USB"])
def test_an_adapter_counts_under_any_name(tmp_path: Path, kind: str, online: str, *, plugged: bool) -> None:
    """With a weak adapter the battery may discharge although the machine is plugged in."""
    battery(tmp_path, "Discharging")
    supply(tmp_path, "ADP1", type=kind, online=online)
    assert BatterySource(tmp_path).read() == BatteryReading(plugged, 80)


def test_one_of_two_batteries_discharges_first(tmp_path: Path) -> None:
    battery(tmp_path, "Not charging", "100")
    battery(tmp_path, "Discharging", "51", "BAT1")
    assert BatterySource(tmp_path).read() == BatteryReading(plugged=False, percent=75.5)


def test_a_battery_without_a_charge_still_shows_discharging(tmp_path: Path) -> None:
    supply(tmp_path, "BAT0", type="Battery", status="Discharging")
    assert BatterySource(tmp_path).read() == BatteryReading(plugged=False, percent=None)


def test_a_desktop_with_a_wireless_mouse_has_no_battery(tmp_path: Path) -> None:
    supply(tmp_path, "hidpp_battery_0", type="Battery", scope="Device", status="Discharging", capacity="50")
    assert BatterySource(tmp_path).read() is None


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        (
            {"CMB0": {"type": "Battery", "status": "Charging", "capacity": "40"}},
            BatteryReading(plugged=True, percent=40),
        ),
        (
            {
                "macsmc-battery": {"type": "Battery", "status": "Discharging", "capacity": "90"},
                "macsmc-ac": {"type": "Mains", "online": "0"},
            },
            BatteryReading(plugged=False, percent=90),
        ),
        (
            {
                "BAT1": {"type": "Battery", "status": "Unknown", "energy_now": "30", "energy_full": "40"},
                "ucsi-source-psy-USBC000:001": {"type": "USB_PD", "online": "1"},
            },
            BatteryReading(plugged=True, percent=75),
        ),
        (
            {"BAT0": {"type": "Battery", "status": "Unknown"}, "ADP0": {"type": "Mains", "online": "0"}},
            BatteryReading(plugged=False, percent=None),
        ),
        (
            {"BAT0": {"type": "Battery", "capacity": "104"}, "ucsi": {"type": "USB", "online": "0"}},
            BatteryReading(plugged=None, percent=100),  # an empty port says nothing
        ),
        ({"BAT1": {"type": "Battery", "present": "0", "status": "Unknown"}}, None),  # taken out
        ({"hid-00:11-battery": {"type": "Battery", "scope": "Device", "capacity": "5"}}, None),
        ({"ups": {"type": "UPS", "status": "Discharging"}}, None),
    ],
)
def test_batteries_and_adapters_have_many_names(
    tmp_path: Path, supplies: dict[str, dict[str, str]], expected: BatteryReading | None
) -> None:
    for name, files in supplies.items():
        supply(tmp_path, name, **files)
    assert BatterySource(tmp_path).read() == expected


def test_a_battery_that_is_taken_out_takes_its_reasons_along(tmp_path: Path) -> None:
    reads, directory = TolerantReads(), battery(tmp_path, "Charging", "full")
    source = BatterySource(tmp_path, reads)
    source.read()
    assert set(reads.missing) == {"battery BAT0 capacity"}
    directory.rename(tmp_path / "taken out")
    assert (source.read(), reads.missing) == (None, {})


SensorsBattery = namedtuple("SensorsBattery", "percent secsleft power_plugged")  # noqa: PYI024 - as in psutil


@pytest.mark.parametrize(
    ("sensors", "expected"),
    [(SensorsBattery(55.55, 3600, power_plugged=False), BatteryReading(plugged=False, percent=55.5)), (None, None)],
)
def test_other_systems_use_psutil(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sensors: SensorsBattery | None, expected: BatteryReading | None
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: sensors)
    assert BatterySource(tmp_path).read() == expected


def test_the_machine_reads_the_battery_every_five_seconds(tmp_path: Path) -> None:
    now, directory = 0.0, battery(tmp_path, "Charging")
    machine = Machine({"desk": None}, NoGpus(), root=tmp_path, clock=lambda: now)
    readings = []
    for now in (0, 4.9, 5):  # noqa: B007 - read by the clock
        machine.prepare()
        readings.append(machine.read()[0].battery)
        (directory / "status").write_text("Discharging\n")
    assert [reading and reading.plugged for reading in readings] == [True, True, False]


def test_a_value_of_a_battery_that_fails_loses_only_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    battery(tmp_path, "Charging", "full")  # no number
    (reading,) = Machine({"desk": None}, NoGpus(), root=tmp_path).read()
    assert reading.battery == BatteryReading(plugged=True, percent=None)
    assert "battery BAT0 capacity is unknown: " in caplog.text
