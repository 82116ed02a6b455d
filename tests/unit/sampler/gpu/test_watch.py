"""Cards that come and go while the sampler runs."""

import errno
from pathlib import Path

import pytest

from sampler.gpu.watch import WatchedGpus
from tests.support.faults_of_files import Fault, FaultyFiles
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
