"""Cards that come and go while the sampler runs."""

import errno
from pathlib import Path
from threading import Event

import pytest

from sampler.gpu import watch
from sampler.gpu.gpus import NoGpus
from sampler.gpu.watch import WatchedGpus
from sampler.loop import own_thread
from sampler.loop.own_thread import NoAnswerError
from sampler.machine import Machine
from testbed.waiting import until
from tests.support.machine.faults_of_files import Fault, FaultyFiles
from tests.unit.sampler.gpu.test_amd import radeon


def names(gpus: WatchedGpus) -> list[str | None]:
    return [gpu.name for gpu in gpus.read(())]


def test_a_card_that_is_plugged_in_or_out_is_noticed(tmp_path: Path) -> None:
    gpus = WatchedGpus(tmp_path)
    assert (gpus.renew(), names(gpus)) == (False, [])
    device = radeon(tmp_path, 1)
    assert (gpus.renew(), names(gpus)) == (True, ["AMD GPU 744c"])
    device.parent.rename(tmp_path / "gone")
    assert (gpus.renew(), names(gpus)) == (True, [])
    assert not gpus.renew()


def test_a_list_that_cannot_be_read_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    radeon(tmp_path)
    gpus = WatchedGpus(tmp_path)
    with FaultyFiles(monkeypatch).broken(tmp_path / "sys/class/drm", Fault(errno.EIO)):
        assert (gpus.renew(), names(gpus)) == (False, ["AMD GPU 744c"])
        assert gpus.missing()["sys/class/drm"].startswith("Input/output error")


def test_a_card_that_stays_closed_is_searched_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    device = radeon(tmp_path)
    with FaultyFiles(monkeypatch).broken(device / "vendor", Fault(errno.EIO)):
        gpus = WatchedGpus(tmp_path, lambda: now)
        searches = []
        for now in range(0, 36_000, 60):
            searches += [now] if gpus.renew() else []
    assert searches[:5] == [0, 60, 180, 420, 900]
    assert searches[-1] - searches[-2] == 3600


def test_a_card_that_cannot_be_opened_is_searched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = radeon(tmp_path)
    with FaultyFiles(monkeypatch).broken(device / "vendor", Fault(errno.EBUSY)):
        gpus = WatchedGpus(tmp_path)
        assert (names(gpus), gpus.hidden()) == ([], {"AMD", "Intel"})
    assert (gpus.renew(), names(gpus), gpus.hidden()) == (True, ["AMD GPU 744c"], set())


def test_a_driver_that_hangs_stops_no_other_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_thread, "LIMIT_S", 0.05)
    goes_on, found = Event(), NoGpus()
    monkeypatch.setattr(watch, "find", lambda *_: found)
    gpus = WatchedGpus(tmp_path)
    machine = Machine({"desk": None}, gpus)
    monkeypatch.setattr(found, "read", lambda _: () if goes_on.wait() else None)
    for _ in range(3):
        reading = machine.read()[0]
        assert (reading.gpus, reading.memory is None) == (None, False)
    assert machine.missing["gpu readings"] == "the GPUs' driver does not answer"
    with pytest.raises(NoAnswerError):
        gpus.inventory()
    goes_on.set()
    assert until(lambda: machine.read()[0].gpus is not None, "the driver to answer")
    assert ("gpu readings" in machine.missing, gpus.inventory()) == (False, [])
