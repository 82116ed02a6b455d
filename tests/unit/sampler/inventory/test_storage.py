import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from common.environment.settings import forget
from sampler.inventory import storage
from tests.support.machine.sysfs import write


class Sys:
    """A /sys in which a chosen device holds the models' directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.models = root / "models"
        self.models.mkdir()

    def disk(self, name: str, *, sectors: int = 2000, rotates: bool = False) -> Path:
        disk = self.root / "sys/devices" / name
        (disk / "queue").mkdir(parents=True)
        (disk / "size").write_text(f"{sectors}\n")
        (disk / "queue/rotational").write_text(f"{int(rotates)}\n")
        return disk

    def partition(self, disk: Path, name: str) -> Path:
        partition = disk / name
        partition.mkdir()
        (partition / "size").write_text("1000\n")
        (partition / "partition").write_text("1\n")
        return partition

    def holds_models(self, device: Path) -> None:
        number = self.models.stat().st_dev
        link = self.root / f"sys/dev/block/{os.major(number)}:{os.minor(number)}"
        link.parent.mkdir(parents=True)
        link.symlink_to(device)

    def described(self) -> dict[str, object]:
        return storage.describe(self.root, self.models)


@pytest.fixture
def sys(tmp_path: Path) -> Sys:
    return Sys(tmp_path)


@pytest.mark.parametrize(
    ("name", "rotates", "kind"),
    [
        ("nvme0n1", False, "nvme"),
        ("sda", False, "ssd"),
        ("sdb", True, "hdd"),
        ("vda", True, None),
        ("xvda", False, None),
    ],
)
def test_the_disk_type_follows_from_its_name_and_rotation(
    sys: Sys, name: str, *, rotates: bool, kind: str | None
) -> None:
    sys.holds_models(sys.disk(name, sectors=2000, rotates=rotates))
    assert sys.described() == {"type": kind, "size": 2000 * 512}


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("Samsung SSD 990 PRO 2TB", "nvme"),
        ("Amazon EC2 NVMe Instance Storage", "nvme"),
        ("Amazon Elastic Block Store", None),
        ("nvme_card", "nvme"),
        ("nvme_card-pd", None),
        ("MSFT NVMe Accelerator v1.0", None),
        ("VMware Virtual NVMe Disk", None),
        ("QEMU NVMe Ctrl", None),
    ],
)
def test_a_clouds_network_disk_is_not_an_nvme(sys: Sys, model: str, kind: str | None) -> None:
    disk = sys.disk("nvme0n1")
    write(disk / "device", model=model)
    sys.holds_models(disk)
    assert sys.described()["type"] == kind


def test_a_partition_counts_as_its_disk(sys: Sys) -> None:
    sys.holds_models(sys.partition(sys.disk("nvme0n1"), "nvme0n1p2"))
    assert sys.described() == {"type": "nvme", "size": 2000 * 512}


def test_a_volume_has_its_own_size_and_the_type_of_its_disk(sys: Sys) -> None:
    encrypted, volume = sys.disk("dm-0"), sys.disk("dm-1", sectors=500, rotates=True)
    for upper, lower in ((volume, encrypted), (encrypted, sys.partition(sys.disk("sda"), "sda3"))):
        (upper / "slaves").mkdir()
        (upper / "slaves" / lower.name).symlink_to(lower)
    sys.holds_models(volume)
    assert sys.described() == {"type": "ssd", "size": 500 * 512}


def test_a_virtual_machine_does_not_know_the_disk_type(sys: Sys) -> None:
    (sys.root / "proc").mkdir()
    (sys.root / "proc/cpuinfo").write_text("flags\t: fpu hypervisor\n")
    sys.holds_models(sys.disk("sda", rotates=True))
    assert sys.described()["type"] is None


def test_without_a_block_device_the_size_is_the_file_systems(sys: Sys) -> None:
    assert sys.described() == {"type": None, "size": shutil.disk_usage(sys.models).total}


def test_a_missing_directory_is_on_the_disk_of_its_parent(sys: Sys) -> None:
    sys.holds_models(sys.disk("sda"))
    assert storage.describe(sys.root, sys.models / "not/yet")["type"] == "ssd"


def test_a_file_system_with_its_own_numbers_is_found_by_its_mount(monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = {mount.mountpoint: mount.device for mount in psutil.disk_partitions(all=True)}
    mounted = [place for place, device in mounts.items() if device.startswith("/dev/") and Path(device).exists()]
    if not mounted:
        pytest.skip("no disk is mounted by its name here")
    assert storage._mounted_device(Path(mounted[0])) == Path(mounts[mounted[0]]).stat().st_rdev
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: [])
    assert storage._mounted_device(Path(mounted[0])) == 0


@pytest.fixture
def unread_settings() -> Iterator[None]:
    """Clear the cache of the settings before and after the test, because they are read once per process."""
    forget()
    yield
    forget()


@pytest.mark.usefixtures("unread_settings")
def test_ollamas_own_setting_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home, own = tmp_path / "home", tmp_path / "own"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("OLLAMA_MODELS", str(own))
    (home / ".ollama/models").mkdir(parents=True)
    assert storage.models_directory() == home / ".ollama/models"
    own.mkdir()
    assert storage.models_directory() == own
