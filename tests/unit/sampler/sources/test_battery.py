from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from sampler.gpu.none import NoGpus
from sampler.machine import Machine
from sampler.readings import Battery
from sampler.sources.battery import BatterySource


def supply(root: Path, supply: str, **files: str) -> Path:
    directory = root / "sys/class/power_supply" / supply
    directory.mkdir(parents=True)
    for name, words in files.items():
        (directory / name).write_text(f"{words}\n")
    return directory


def battery(root: Path, status: str, capacity: str = "80", name: str = "BAT0") -> Path:
    return supply(root, name, type="Battery", status=status, capacity=capacity)


@pytest.mark.parametrize(
    ("status", "plugged"),
    [("Discharging", False), ("Charging", True), ("Full", True), ("Not charging", True), ("Unknown", None)],
)
def test_a_battery_alone_tells_by_its_status(tmp_path: Path, status: str, *, plugged: bool | None) -> None:
    battery(tmp_path, status)
    assert BatterySource(tmp_path).read() == Battery(plugged, 80)


@pytest.mark.parametrize(("online", "plugged"), [("1", True), ("0", False)])
@pytest.mark.parametrize("kind", ["Mains", "USB"])
def test_an_adapter_counts_whatever_its_name(tmp_path: Path, kind: str, online: str, *, plugged: bool) -> None:
    """A weak adapter feeds the machine while the battery still falls."""
    battery(tmp_path, "Discharging")
    supply(tmp_path, "ADP1", type=kind, online=online)
    assert BatterySource(tmp_path).read() == Battery(plugged, 80)


def test_of_two_batteries_one_is_used_first(tmp_path: Path) -> None:
    battery(tmp_path, "Not charging", "100")
    battery(tmp_path, "Discharging", "51", "BAT1")
    assert BatterySource(tmp_path).read() == Battery(plugged=False, percent=75.5)


def test_a_battery_that_hides_its_charge_still_tells_that_it_is_used(tmp_path: Path) -> None:
    supply(tmp_path, "BAT0", type="Battery", status="Discharging")
    assert BatterySource(tmp_path).read() == Battery(plugged=False, percent=None)


def test_a_desktop_with_a_wireless_mouse_has_no_battery(tmp_path: Path) -> None:
    supply(tmp_path, "hidpp_battery_0", type="Battery", scope="Device", status="Discharging", capacity="50")
    assert BatterySource(tmp_path).read() is None


Told = namedtuple("Told", "percent secsleft power_plugged")  # noqa: PYI024 - as psutil's own


@pytest.mark.parametrize(
    ("told", "known"), [(Told(55.55, 3600, power_plugged=False), Battery(plugged=False, percent=55.5)), (None, None)]
)
def test_elsewhere_psutil_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Told | None, known: Battery | None
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: told)
    assert BatterySource(tmp_path).read() == known


def test_the_machine_reads_it_seldom(tmp_path: Path) -> None:
    now, directory = 0.0, battery(tmp_path, "Charging")
    machine = Machine("desk", NoGpus(), root=tmp_path, clock=lambda: now)
    seen = []
    for now in (0, 4.9, 5):  # noqa: B007 - read by the clock
        machine.prepare()
        seen.append(machine.read().battery)
        (directory / "status").write_text("Discharging\n")
    assert [taken and taken.plugged for taken in seen] == [True, True, False]


def test_a_battery_that_fails_loses_itself_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    battery(tmp_path, "Charging", "full")  # no number
    reading = Machine("desk", NoGpus(), root=tmp_path).read()
    assert reading.battery is None
    assert reading.memory is not None
    assert "the battery cannot be read" in caplog.text
